import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// The snapshot of one disk of a job: begun, found again, begun anew, finished.
struct SnapshotWork: Sendable {
  /// Snapshots of many TiB take their time to complete.
  private static let minutes = 24 * 60
  /// After a refusal, which may have meant that it is being completed.
  private static let minutesRefused = 60
  /// Snapshots of one disk and job that somebody may have removed.
  private static let mostTurns = 20

  var account: Account
  var plan: MachinePlan
  var disk: MachinePlan.Disk

  private var store: SnapshotStore { SnapshotStore(ec2: account.ec2) }
  var resource: Resource { Resources(plan: plan).snapshot(disk.index) }
  var maps: BlockMapFolder {
    BlockMapFolder(path: account.stateFolder ?? account.environment.workFolder)
  }

  /// The newest of this disk; nil where there is none, or it failed.
  func current() async throws -> Snapshot? {
    let mine = try await store.all(of: plan.job).filter { $0.disk == disk.index }
    return mine.filter { !$0.isFailed }.max { $0.turn < $1.turn }
  }

  /// Begins one where there is none; one that failed goes first.
  func ensure(_ operation: OperationContext) async throws -> Snapshot {
    let mine = try await store.all(of: plan.job).filter { $0.disk == disk.index }
    if let there = mine.filter({ !$0.isFailed }).max(by: { $0.turn < $1.turn }) {
      // An earlier attempt made it, and the host may not have heard.
      return try await operation.creating(resource) { (there, remoteID: there.id) }
    }
    for failed in mine { try await discard(failed, operation) }
    return try await begin(turn: (mine.map(\.turn).max() ?? -1) + 1, operation)
  }

  func discard(_ snapshot: Snapshot, _ operation: OperationContext) async throws {
    try await store.delete(snapshot.id)
    maps.remove(snapshot.id)
    var gone = resource
    gone.remoteID = snapshot.id
    await operation.deleted(gone)
  }

  /// - Parameter turn: How often this disk was begun: another turn is another client token. One whose token was spent
  ///   on a snapshot that is gone is passed over: tokens outlive what they were for, and it alone knew its turn.
  func begin(turn: Int, _ operation: OperationContext) async throws -> Snapshot {
    var (turn, parent) = (turn, try await parent())
    let end = turn + Self.mostTurns
    while turn < end {
      do {
        if let begun = try await begin(turn, on: parent, operation) { return begun }
        turn += 1
      } catch let error as ConnectorError where error.provider?.code == "ConflictException" {
        turn += 1
      } catch let error as ConnectorError where error.provider?.code == "ValidationException" && parent != nil {
        operation.diagnostic(
          Diagnostic(
            severity: .warning, code: "disk.parentRefused",
            summary:
              "EBS does not let disk \(disk.index) go on from snapshot \(parent?.id ?? ""): all of it is sent. It says: \(error.provider?.message ?? "nothing")"
          ))
        parent = nil
      }
    }
    throw Failure.turnsSpent("snapshots of disk \(disk.index)", Self.mostTurns)
  }

  /// One try; nil where the token is that of a snapshot that was removed.
  private func begin(_ turn: Int, on parent: Snapshot?, _ operation: OperationContext) async throws -> Snapshot? {
    let start = start(turn, on: parent)
    let begun = try await operation.creating(resource) {
      let begun = try await Failure.translating("Beginning a snapshot for disk \(disk.index)") {
        try await EBS(api: account.api).start(start)
      }
      return (begun, remoteID: begun.id)
    }
    if let there = try await account.ec2.described(since: begun.at, { try await store.look(begun.id) }) {
      return there
    }
    var gone = resource
    gone.remoteID = begun.id
    await operation.deleted(gone)
    return nil
  }

  private func start(_ turn: Int, on parent: Snapshot?) -> EBS.Start {
    EBS.Start(
      gibibytes: disk.gibibytes, token: Mark.token(plan.job.rawValue, "snapshot", String(disk.index), String(turn)),
      tags: Mark.merge(
        plan.tags(of: disk),
        [
          (Mark.name, resource.name), (Mark.job, plan.job.rawValue), (Mark.disk, String(disk.index)),
          (Mark.source, disk.source), (Mark.turn, String(turn)), (Mark.parent, parent?.id ?? ""),
          (Mark.temporary, plan.keepSnapshots ? "" : "true"),
        ]), description: "\(plan.name), disk \(disk.index), restored by Ascend", parent: parent?.id,
      kmsKeyARN: plan.kmsKeyID)
  }

  private func parent() async throws -> Snapshot? {
    guard let folder = account.stateFolder else { return nil }
    return try await ParentSearch(account: account, folder: folder).find(disk, plan).parent
  }

  // MARK: The end

  /// Says to EBS that all blocks are there, and waits until the snapshot can be used.
  func complete(_ snapshot: Snapshot, _ receipt: Receipt, _ operation: OperationContext) async throws {
    let refused = snapshot.status == "completed" ? nil : try await finish(snapshot, receipt)
    do {
      let minutes = refused == nil ? Self.minutes : Self.minutesRefused
      _ = try await account.ec2.wait(minutes: minutes, "Snapshot \(snapshot.id)") { () -> (Bool?, String) in
        guard let now = try await store.look(snapshot.id) else { return (nil, "not there") }
        if now.isFailed { throw Failure.snapshotFailed(now.id, now.statusMessage) }
        operation.progress(phase: "complete", done: now.status == "completed" ? 1 : 0, total: 1, unit: "steps")
        return (now.status == "completed" ? true : nil, now.status)
      }
    } catch let error as ConnectorError where error.reason == .platformUnavailable {
      throw refused ?? error
    }
    maps.finish(snapshot.id)
  }

  /// Completes it; the refusal, where it may be that of a snapshot that is being completed already: the answer to an
  /// earlier attempt was lost then, and completing takes EBS a while.
  private func finish(_ snapshot: Snapshot, _ receipt: Receipt) async throws -> AWSError? {
    do {
      try await EBS(api: account.api).complete(snapshot.id, count: receipt.blocks, linear: receipt.linear)
      return nil
    } catch let error as AWSError where error.code == "ValidationException" {
      guard let now = try await store.look(snapshot.id) else { throw error }
      if now.isFailed { throw Failure.snapshotFailed(now.id, now.statusMessage) }
      let said = error.message.lowercased()
      if now.status != "completed", said.contains("checksum") || said.contains("count") {
        throw Failure.corrupt("Snapshot \(snapshot.id)", error.message)
      }
      return error
    }
  }
}
