import ConnectorProtocol
import Foundation

/// Finds the snapshot of an earlier restore of the same disk, of which it is known here what every block held.
struct ParentSearch: Sendable {
  var account: Account
  /// Where the block maps are.
  var folder: String

  func find(_ disk: MachinePlan.Disk, _ plan: MachinePlan) async throws -> Snapshot? {
    let maps = BlockMapFolder(path: folder)
    let all = try await SnapshotStore(ec2: account.ec2).find([
      ("tag:\(Mark.source)", [disk.source]), ("status", ["completed"]),
    ])
    return all.filter {
      // One of another job may go at any moment, and its map with it. Without the aggregate its map is not whole.
      $0.job == nil && $0.tags[Mark.temporary] == nil && $0.receipt?.linear != nil && $0.gibibytes <= disk.gibibytes
        && $0.kmsKeyARN == plan.kmsKeyID && access(maps.whole($0.id), R_OK) == 0
    }.max { ($0.startedAt ?? .distantPast) < ($1.startedAt ?? .distantPast) }
  }
}
