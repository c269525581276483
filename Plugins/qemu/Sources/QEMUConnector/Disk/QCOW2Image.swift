import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// A qcow2 image of ours that is being filled, by way of a qemu-nbd over it.
struct QCOW2Image: Sendable {
  var path: String
  var disk: MachinePlan.Disk
  var folder: MachineFolder

  /// Makes the image, or opens that of an earlier attempt, and gives its sink to `body`. The image is closed afterwards.
  func written<T: Sendable>(
    resumingFrom through: Int64, _ body: @Sendable (any DiskSink) async throws -> T
  ) async throws -> T {
    if through == 0 { try await make() } else { try await repair() }
    let server = try await Blocking.run {
      try Failure.translating("Opening disk \(disk.index)", outcome: .partial) {
        try ImageServer.start(path, disk: disk, in: folder)
      }
    }
    let result: Result<T, any Error>
    do {
      let sink = try await Blocking.run {
        try NBDSink(
          uri: server.uri, connections: ImageServer.connections, resumingFrom: through == 0 ? nil : through)
      }
      result = .success(try await body(sink))
    } catch {
      result = .failure(error)
    }
    try await Blocking.run { server.stop() }
    return try result.get()
  }

  private func make() async throws {
    try await image(["create", "-q", "-f", "qcow2", "-o", "preallocation=off", "--", path, String(disk.sizeBytes)])
  }

  /// A process that was killed leaves clusters that nothing points to; anything worse makes the checkpoint worthless.
  private func repair() async throws {
    do {
      try await image(["check", "-q", "-f", "qcow2", "-r", "leaks", "--", path])
    } catch let error as ConnectorError {
      throw Failure.staleCheckpoint(disk, error.message)
    }
  }

  private func image(_ arguments: [String]) async throws {
    let tool: Tool
    do { tool = try await Tool.run("qemu-img", arguments, seconds: 3600) } catch let error as SystemError {
      throw Failure.toolMissing("qemu-img", error)
    }
    guard tool.exit?.succeeded == true else { throw Failure.imageTool(path, tool.lastError) }
  }
}
