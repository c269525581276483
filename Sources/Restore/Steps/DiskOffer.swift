import ConnectorProtocol
import Disks
import Foundation
import Planning
import Support

/// Offers the prepared disks to the connector, each in the way that the plan says.
struct DiskOffer {
  let context: JobContext
  let prepared: PrepareStep.Outcome

  private var verification: DiskVerification { context.job.options.verifyDisks ?? .streamed }

  /// What a disk is offered with: its source, what the host knows of its content, and what it could not find out.
  struct Offered: Sendable {
    var source: DiskSource
    var expected: DiskProof.Expectation?
    var notes: [String]
  }

  /// Offers a disk while `body` runs.
  func withOffer<T: Sendable>(
    of disk: RestorePlan.PlannedDisk, recorded: DiskProof.Expectation?, connections: Int?,
    _ body: @escaping @Sendable (Offered) async throws -> T
  ) async throws -> T {
    let format = disk.path.format ?? "raw"
    let name = "disk \(disk.index)"
    if disk.path.isStaged {
      let path = context.staged(disk.index, format: format)
      let source = DiskSource(
        kind: "file", location: path, format: format, sizeBytes: disk.effectiveSizeBytes,
        generation: prepared.generation, movable: true)
      return try await body(
        offered(source, recorded) {
          let layer = ImageLayer(path: path, format: ImageFormat(rawValue: format))
          let chain = DiskChain(layers: [layer], virtualSizeBytes: disk.effectiveSizeBytes)
          return try await DiskDigest.compute(of: chain, socket: socket(disk)) { report($0, $1, name) }
        })
    }
    guard disk.path.access == "nbd" else {
      throw AscendError(
        "plan.pathUnknown", "This Ascend cannot offer a disk by \(disk.path.access ?? "no access")",
        object: name, remedy: "Plan again with this version")
    }
    return try await NBDExport.withExport(
      of: try prepared.chain(disk.index), socket: try socket(disk), connections: (connections ?? 4) + 1
    ) { uri in
      let source = DiskSource(
        kind: "nbd", location: uri, format: "raw", sizeBytes: disk.effectiveSizeBytes,
        generation: prepared.generation)
      return try await body(
        offered(source, recorded) {
          try await DiskDigest.read(uri, object: context.overlay(disk.index)) { report($0, $1, name) }
        })
    }
  }

  /// Reads the disk first where everything is to be proven and nobody else knows what it holds.
  private func offered(
    _ source: DiskSource, _ recorded: DiskProof.Expectation?, _ read: () async throws -> DiskDigest
  ) async throws -> Offered {
    var offered = Offered(source: source, expected: recorded, notes: [])
    if offered.expected == nil, verification == .full {
      let known = try remembered(source)
      let digest = if let known { known } else { try await read().digest }
      try remember(digest, source)
      offered.expected = DiskProof.Expectation(digest: digest, side: .offered)
    }
    offered.source.digest = offered.expected?.digest
    return offered
  }

  private func socket(_ disk: RestorePlan.PlannedDisk) throws(AscendError) -> String {
    try SocketPath.of(job: context.jobID, folder: context.folder, disk: disk.index)
  }

  private func report(_ done: Int64, _ total: Int64, _ name: String) {
    context.board.message("reading \(name) to compare it", fraction: 0)
  }

  // MARK: A reading is worth as long as the content's generation

  private struct Remembered: Codable {
    var generation: String
    var digest: String
  }

  private func place(_ source: DiskSource) -> String {
    // Among the images, so that it goes with them; what is left out of the path is the same for every attempt.
    context.folder + "/disk-" + SHA256.hex(Data(source.location.utf8)).prefix(16) + ".digest"
  }

  private func remembered(_ source: DiskSource) throws -> String? {
    guard let data = FileManager.default.contents(atPath: place(source)) else { return nil }
    let found = try? JSONDecoder().decode(Remembered.self, from: data)
    return found?.generation == source.generation ? found?.digest : nil
  }

  private func remember(_ digest: String, _ source: DiskSource) throws {
    let data = try JSONEncoder().encode(Remembered(generation: source.generation, digest: digest))
    try data.write(to: URL(fileURLWithPath: place(source)), options: .atomic)
  }
}
