import AWSClient
import ConnectorProtocol
import Foundation

/// A snapshot, as EC2 describes it, with our marks.
struct Snapshot: Hashable, Sendable {
  var id: String
  /// `pending`, `completed`, `error`.
  var status: String
  var statusMessage: String?
  var gibibytes: Int64
  var startedAt: Date?
  var kmsKeyARN: String?
  var tags: [String: String]

  init?(_ item: XMLElement) {
    guard let id = item.string("snapshotId") else { return nil }
    self.id = id
    status = item.string("status") ?? "pending"
    statusMessage = item.string("statusMessage")
    gibibytes = item.int("volumeSize") ?? 0
    startedAt = item.string("startTime").flatMap(EC2.date)
    kmsKeyARN = item.string("kmsKeyId")
    tags = EC2.tags(of: item)
  }

  var job: String? { tags[Mark.job] }
  var disk: Int? { tags[Mark.disk].flatMap { Int($0) } }
  var turn: Int { tags[Mark.turn].flatMap { Int($0) } ?? 0 }
  var parent: String? { tags[Mark.parent].flatMap { $0.isEmpty ? nil : $0 } }
  var receipt: Receipt? { tags[Mark.receipt].flatMap { Receipt($0) } }
  var isFailed: Bool { status == "error" }
}

/// Looks for snapshots.
struct SnapshotStore: Sendable {
  var ec2: EC2

  /// All of a job, in whatever state.
  func all(of job: JobID) async throws -> [Snapshot] {
    try await find([("tag:\(Mark.job)", [job.rawValue])])
  }

  func find(_ filters: [(String, [String])]) async throws -> [Snapshot] {
    try await ec2.all("DescribeSnapshots", in: "snapshotSet", [("Owner.1", "self")] + EC2.filters(filters))
      .compactMap(Snapshot.init)
  }

  /// Nil where it is gone.
  func look(_ id: String) async throws -> Snapshot? {
    do {
      let answer = try await ec2.call("DescribeSnapshots", [("SnapshotId.1", id)])
      return answer.items("snapshotSet").compactMap(Snapshot.init).first
    } catch let error as AWSError where error.isNotFound || error.code == "InvalidSnapshotID.Malformed" {
      return nil
    }
  }

  func delete(_ id: String) async throws {
    do { try await ec2.call("DeleteSnapshot", [("SnapshotId", id)]) } catch let error as AWSError
      where error.isNotFound
    {}
  }
}
