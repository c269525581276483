import Backups
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
    /// As the connector read it.
    var digest: String?
    /// What was compared; nothing in jobs of earlier versions.
    var proof: DiskProof?
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
    let offer = DiskOffer(context: context, prepared: self.prepared)
    let (known, notes) = recorded(disk)
    let (result, proof) = try await offer.withOffer(
      of: disk, recorded: known, connections: prepared.ingest.parallel
    ) { offered in
      let result: DiskReceive.Result
      do {
        result = try await operations.perform(
          "disk/receive \(disk.index)", began: { context.board.associate($0, disk: disk.index) }
        ) { operation, checkpoint in
          DiskReceive(
            op: operation, job: context.jobID, plan: connectorPlan, index: disk.index, target: prepared.target,
            source: offered.source, checkpoint: checkpoint, digest: wantsDigest(offered.source),
            readBack: wantsReadBack ? true : nil)
        }
      } catch let error as ConnectorError where error.reason == .dataCorrupt && offered.expected?.side == .recorded {
        throw DiskProof.notAsRecorded(disk: disk.index, of: context.backup, error)
      }
      let proof = try DiskProof.make(
        disk: disk.index, of: context.backup.path, expected: offered.expected, result: result,
        notes: notes + missing(result))
      return (result, proof)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    context.board.log(
      .info, "disk",
      "disk \(disk.index): \(Format.bytes(result.bytesSent)) sent, \(Format.bytes(result.bytesSkipped)) of zeros skipped, "
        + "in \(Format.duration(seconds: seconds))")
    for line in proof.lines { context.board.log(.info, "disk", "disk \(disk.index): \(line)") }
    record(disk, proof)
    return DiskOutcome(
      index: disk.index, disk: result.disk, bytesRead: result.bytesRead, bytesSent: result.bytesSent,
      bytesSkipped: result.bytesSkipped, seconds: seconds, digest: result.digest,
      proof: proof)
  }

  // MARK: What is compared

  private var verification: DiskVerification { context.job.options.verifyDisks ?? .streamed }

  /// Computing it as the bytes pass is cheap; of a file, which would have to be read for it, only where all is wanted.
  private func wantsDigest(_ source: DiskSource) -> Bool? {
    switch verification {
    case .none: false
    case .streamed: source.kind == "nbd" ? true : nil
    case .full: true
    }
  }

  private var canReadBack: Bool { session.document.features.contains(DiskReceive.readBackFeature) }
  private var wantsReadBack: Bool { verification == .full && canReadBack }

  /// What the catalog holds of the disk, where the prepared disk must be just that.
  private func recorded(_ disk: RestorePlan.PlannedDisk) -> (DiskProof.Expectation?, notes: [String]) {
    guard verification != .none, let record = context.backup.content(of: disk.index) else { return (nil, []) }
    guard !plan.preparation.planned else {
      return (nil, ["not compared with the catalog: the guest was prepared, so its disk is another than the backup's"])
    }
    guard record.sizeBytes == disk.effectiveSizeBytes else {
      return (nil, ["not compared with the catalog: the disk was made larger than the backup's"])
    }
    return (DiskProof.Expectation(digest: record.digest, side: .recorded), [])
  }

  /// Whether what is offered has to be the backup's disk, byte for byte.
  private func isUnchanged(_ disk: RestorePlan.PlannedDisk) -> Bool {
    let own = context.backup.backup.disks.first { $0.index == disk.index }
    return !plan.preparation.planned && own?.chain.virtualSizeBytes == disk.effectiveSizeBytes
  }

  /// The first reading of a disk is what later ones are compared with. That it cannot be kept is no reason to fail.
  private func record(_ disk: RestorePlan.PlannedDisk, _ proof: DiskProof) {
    guard isUnchanged(disk), let digest = proof.digest, context.backup.content(of: disk.index) == nil else { return }
    do throws(AscendError) {
      try context.engine.digests.remember(
        [
          ContentRecord(
            index: disk.index, digest: digest, sizeBytes: disk.effectiveSizeBytes, point: context.backup.point)
        ], of: context.backup)
    } catch {
      context.board.log(.warning, "disk", "disk \(disk.index): its digest is not in the catalog: \(error.message)")
    }
  }

  /// What was asked for and did not come.
  private func missing(_ result: DiskReceive.Result) -> [String] {
    var notes: [String] = []
    if verification == .full, result.digest == nil { notes.append("the connector gives no digest of what it read") }
    if verification == .full, !canReadBack { notes.append("the connector cannot read back what it wrote") }
    return notes
  }
}
