import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Reads a disk that has arrived once more, as a guest will: by its format, from where it was written.
struct DiskReadBack: Sendable {
  static let connections = 4

  var folder: MachineFolder
  var disk: MachinePlan.Disk
  /// The image, whole and durable.
  var path: String

  /// The content digest of what is there.
  func run(_ progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void) async throws -> String {
    let server = try await Blocking.run {
      try Failure.translating("Reading disk \(disk.index) back", outcome: .partial) {
        try forget()
        return try ImageServer.start(path, format: disk.format, for: .readBack, disk: disk, in: folder)
      }
    }
    let result: Result<String, any Error>
    do {
      // The limits are for what is read from the host.
      result = .success(
        try await TransferLimits.$current.withValue(nil) { try await digest(server.uri, progress) })
    } catch {
      result = .failure(error)
    }
    try await Blocking.run { server.stop() }
    return try result.get()
  }

  private func digest(
    _ uri: String, _ progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
  ) async throws -> String {
    do {
      let reader = try await DiskReader.open(uri, connections: Self.connections)
      let digester = ContentDigester(sizeBytes: reader.sizeBytes)
      try await reader.forEachChunk(digester: digester) { _ in progress(digester.through, reader.sizeBytes) }
      if let text = digester.text { return text }
    } catch let error as ConnectorError where error.reason == .sourceUnavailable {
      // Here the source is what was written.
      throw ConnectorError(
        .dataCorrupt, "Disk \(disk.index) was written to \(path) and cannot be read back: \(error.message)",
        remedy: "Check the storage of the machines' folder, then restore again.", outcome: .partial)
    }
    throw ConnectorError(
      .connectorBug, "Disk \(disk.index) was read back, and not all of it.", remedy: "Report this.", outcome: .partial)
  }

  /// Has the system let go of what it keeps of the file in memory, so that it comes from the storage.
  private func forget() throws {
    let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
    posix_fadvise(file.number, 0, 0, POSIX_FADV_DONTNEED)
  }
}
