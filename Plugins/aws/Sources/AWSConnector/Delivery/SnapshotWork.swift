import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// The snapshot of one disk of a job: begun, found again, begun anew, finished.
struct SnapshotWork: Sendable {
  /// Snapshots of many TiB take their time to complete.
  private static let minutes = 24 * 60

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

  /// - Parameter turn: How often this disk was begun: another turn is another client token.
  func begin(turn: Int, _ operation: OperationContext) async throws -> Snapshot {
    let parent = try await parent()
    let tags =
      disk.tags.merging(plan.tags) { own, _ in own }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [
        (Mark.name, resource.name), (Mark.job, plan.job.rawValue), (Mark.disk, String(disk.index)),
        (Mark.source, disk.source), (Mark.turn, String(turn)), (Mark.parent, parent?.id ?? ""),
        (Mark.temporary, plan.keepSnapshots ? "" : "true"),
      ]
    let start = EBS.Start(
      gibibytes: disk.gibibytes, token: Mark.token(plan.job.rawValue, "snapshot", String(disk.index), String(turn)),
      tags: tags.filter { !$0.1.isEmpty }, description: "\(plan.name), disk \(disk.index), restored by Ascend",
      parent: parent?.id, kmsKeyARN: plan.kmsKeyID)
    let id = try await operation.creating(resource) {
      let id = try await Failure.translating("Beginning a snapshot for disk \(disk.index)") {
        try await EBS(api: account.api).start(start)
      }
      return (id, remoteID: id)
    }
    // What was just made may not be described yet.
    return try await account.ec2.wait(minutes: 5, "Snapshot \(id)") {
      (try await store.look(id), "not there")
    }
  }

  private func parent() async throws -> Snapshot? {
    guard let folder = account.stateFolder else { return nil }
    return try await ParentSearch(account: account, folder: folder).find(disk, plan)
  }

  // MARK: The end

  /// Says to EBS that all blocks are there, and waits until the snapshot can be used.
  func complete(_ snapshot: Snapshot, _ receipt: Receipt, _ operation: OperationContext) async throws {
    do {
      try await EBS(api: account.api).complete(snapshot.id, count: receipt.blocks, linear: receipt.linear)
    } catch let error as AWSError where error.code == "ValidationException" {
      // An earlier attempt may have completed it: that is refused, and the snapshot's state is what counts.
      let now = try await store.look(snapshot.id)
      guard now?.status == "completed" else {
        if let now, now.isFailed { throw Failure.snapshotFailed(now.id, now.statusMessage) }
        if error.message.localizedCaseInsensitiveContains("checksum")
          || error.message.localizedCaseInsensitiveContains("count")
        {
          throw Failure.corrupt("Snapshot \(snapshot.id)", error.message)
        }
        throw error
      }
    }
    _ = try await account.ec2.wait(minutes: Self.minutes, "Snapshot \(snapshot.id)") { () -> (Bool?, String) in
      guard let now = try await store.look(snapshot.id) else { return (nil, "not there") }
      if now.isFailed { throw Failure.snapshotFailed(now.id, now.statusMessage) }
      operation.progress(phase: "complete", done: now.status == "completed" ? 1 : 0, total: 1, unit: "steps")
      return (now.status == "completed" ? true : nil, now.status)
    }
    maps.finish(snapshot.id)
  }
}
