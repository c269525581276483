import ConnectorProtocol
import Connectors
import Disks
import Foundation
import Planning
import Support

/// Hands the prepared disks to the connector, several at once where it takes several.
struct TransferStep {
  let context: JobContext
  let session: OpenSession
  let plan: RestorePlan
  let connectorPlan: PlanPreflight.Plan
  let prepared: PrepareStep.Outcome

  /// What the connector made of the disks, by index, and what moved.
  struct Outcome: Codable, Sendable {
    var disks: [DiskOutcome]
  }

  struct DiskOutcome: Codable, Sendable {
    var index: Int
    var disk: JSONValue
    var bytesRead: Int64
    var bytesSent: Int64
    var bytesSkipped: Int64
    var seconds: Double
    var digest: String?
  }

  func run() async throws -> Outcome {
    context.board.expect(disks: Dictionary(uniqueKeysWithValues: plan.disks.map { ($0.index, $0.effectiveSizeBytes) }))
    let atOnce = max(1, min(session.document.concurrency.disks ?? 1, plan.disks.count))
    let outcomes = try await withThrowingTaskGroup(of: DiskOutcome.self) { group in
      var waiting = plan.disks.makeIterator()
      var done: [DiskOutcome] = []
      for _ in 0..<atOnce {
        if let disk = waiting.next() { group.addTask { try await transfer(disk) } }
      }
      while let outcome = try await group.next() {
        done.append(outcome)
        if let disk = waiting.next() { group.addTask { try await transfer(disk) } }
      }
      return done
    }
    return Outcome(disks: outcomes.sorted { $0.index < $1.index })
  }

  private func transfer(_ disk: RestorePlan.PlannedDisk) async throws -> DiskOutcome {
    let start = ContinuousClock.now
    let operations = context.operations(session)
    let prepared = try await operations.perform("disk/prepare \(disk.index)") { operation, _ in
      DiskPrepare(op: operation, job: context.jobID, plan: connectorPlan, index: disk.index)
    }
    let result = try await offering(disk, connections: prepared.ingest.parallel) { source in
      try await operations.perform(
        "disk/receive \(disk.index)", began: { context.board.associate($0, disk: disk.index) }
      ) { operation, checkpoint in
        DiskReceive(
          op: operation, job: context.jobID, plan: connectorPlan, index: disk.index, target: prepared.target,
          source: source, checkpoint: checkpoint)
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    context.board.log(
      .info, "disk",
      "disk \(disk.index): \(Format.bytes(result.bytesSent)) sent, \(Format.bytes(result.bytesSkipped)) of zeros skipped, "
        + "in \(Format.duration(seconds: seconds))")
    return DiskOutcome(
      index: disk.index, disk: result.disk, bytesRead: result.bytesRead, bytesSent: result.bytesSent,
      bytesSkipped: result.bytesSkipped, seconds: seconds, digest: result.digest)
  }

  /// Offers a disk in the way that the plan says while `body` runs.
  private func offering<T: Sendable>(
    _ disk: RestorePlan.PlannedDisk, connections: Int?, _ body: @escaping @Sendable (DiskSource) async throws -> T
  ) async throws -> T {
    let format = disk.path.format ?? "raw"
    if disk.path.isStaged {
      return try await body(
        DiskSource(
          kind: "file", location: context.staged(disk.index, format: format), format: format,
          sizeBytes: disk.effectiveSizeBytes, generation: prepared.generation, movable: true))
    }
    guard disk.path.access == "nbd" else {
      throw AscendError(
        "plan.pathUnknown", "This Ascend cannot offer a disk by \(disk.path.access ?? "no access")",
        object: "disk \(disk.index)", remedy: "Plan again with this version")
    }
    return try await NBDExport.withExport(
      of: try prepared.chain(disk.index),
      socket: try SocketPath.of(job: context.jobID, folder: context.folder, disk: disk.index),
      connections: (connections ?? 4) + 1
    ) { uri in
      try await body(
        DiskSource(
          kind: "nbd", location: uri, format: "raw", sizeBytes: disk.effectiveSizeBytes,
          generation: prepared.generation))
    }
  }
}
