import AWSClient
import ConnectorProtocol
import Foundation

/// A snapshot that is to be read as a disk.
struct SourceSnapshot: Hashable, Sendable {
  var id: String
  var sizeBytes: Int64
  var startedAt: Date?
  var isEncrypted: Bool

  /// A snapshot never changes once it is complete: its id is enough, and the rest tells an account from its copy.
  var generation: String {
    ([id, String(sizeBytes)] + [startedAt.map { $0.formatted(.iso8601) }].compactMap(\.self)).joined(separator: " ")
  }

  /// Asks EC2 for a snapshot that can be read now.
  ///
  /// - Throws: `notFound`; `platformUnavailable` for one that is pending; `diskUnsupported` for one that failed.
  static func look(_ id: String, _ ec2: EC2) async throws -> SourceSnapshot {
    let item = try await Failure.translating("Looking for snapshot \(id)", outcome: .none) {
      () async throws -> XMLElement? in
      do {
        return try await ec2.call("DescribeSnapshots", [("SnapshotId.1", id)]).items("snapshotSet").first
      } catch let error as AWSError where error.isNotFound || error.code == "InvalidSnapshotID.Malformed" {
        return nil
      }
    }
    guard let item, let found = Snapshot(item), found.id == id else {
      throw ConnectorError(
        .notFound, "There is no snapshot \(id) in this account and region.",
        remedy: "Name a snapshot that is there, or a target of its region; one of another account must be shared.",
        outcome: .none)
    }
    if found.isFailed {
      throw ConnectorError(
        .diskUnsupported, "Snapshot \(id) is in the state error: \(found.statusMessage ?? "EBS does not say why").",
        remedy: "Take another snapshot of the volume.", outcome: .none)
    }
    guard found.status == "completed" else {
      let progress = item.string("progress").map { ", \($0)" } ?? ""
      throw ConnectorError(
        .platformUnavailable, "Snapshot \(id) is not complete yet (\(found.status)\(progress)).",
        remedy: "Wait until it is: `aws ec2 wait snapshot-completed --snapshot-ids \(id)`.", outcome: .none)
    }
    guard (1...MachineLimits.diskBytes / MachineLimits.gibibyte).contains(found.gibibytes) else {
      throw ConnectorError(
        .diskUnsupported, "Snapshot \(id) has a size of \(found.gibibytes) GiB, which no volume has.",
        remedy: "Check the endpoint of the target.", outcome: .none)
    }
    return SourceSnapshot(
      id: id, sizeBytes: found.gibibytes * MachineLimits.gibibyte, startedAt: found.startedAt,
      isEncrypted: item.bool("encrypted") ?? false)
  }
}
