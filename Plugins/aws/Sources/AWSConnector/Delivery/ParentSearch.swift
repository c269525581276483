import ConnectorProtocol
import Foundation

/// Finds the snapshot of an earlier restore of the same disk, of which it is known here what every block held.
struct ParentSearch: Sendable {
  struct Found: Sendable {
    var parent: Snapshot?
    /// The newest that could have been one, and why it is none.
    var passedOver: (id: String, why: String)?
  }

  var account: Account
  /// Where the block maps are.
  var folder: String

  func find(_ disk: MachinePlan.Disk, _ plan: MachinePlan) async throws -> Found {
    let all = try await SnapshotStore(ec2: account.ec2).find([
      ("tag:\(Mark.source)", [disk.source]), ("status", ["completed"]),
    ]).filter {
      // One of another job may go at any moment, and its map with it.
      $0.job == nil && $0.tags[Mark.temporary] == nil
    }.sorted { ($0.startedAt ?? .distantPast) > ($1.startedAt ?? .distantPast) }
    var found = Found()
    for snapshot in all {
      guard let why = unfit(snapshot, disk, plan) else {
        found.parent = snapshot
        break
      }
      found.passedOver = found.passedOver ?? (snapshot.id, why)
    }
    return found
  }

  private func unfit(_ snapshot: Snapshot, _ disk: MachinePlan.Disk, _ plan: MachinePlan) -> String? {
    if snapshot.gibibytes > disk.gibibytes { return "it is larger than the disk" }
    // Where no key is wished for, what goes on from a snapshot is encrypted as that is: with the account's own key, where
    // it encrypts by default.
    if let key = plan.kmsKeyID, snapshot.kmsKeyARN != key {
      return snapshot.kmsKeyARN.map { "it is encrypted with another key, \($0)" } ?? "it is not encrypted"
    }
    // Without the aggregate its map is not whole.
    guard snapshot.receipt?.linear != nil else { return "the digests of its blocks are not all known" }
    let map = BlockMapFolder(path: folder).whole(snapshot.id)
    return access(map, R_OK) == 0 ? nil : "the digests of its blocks are not on this computer"
  }
}
