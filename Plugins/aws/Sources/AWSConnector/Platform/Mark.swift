import ConnectorProtocol
import Foundation

/// The tags by which what a job has made is known.
enum Mark {
  /// The job's id: comes off when the restore is finished.
  static let job = "ascend:job"
  /// Of a snapshot: the index of its disk.
  static let disk = "ascend:disk"
  /// Of a snapshot: which machine's which disk it is, over all restores.
  static let source = "ascend:source"
  /// Of a snapshot: the one that it goes on from.
  static let parent = "ascend:parent"
  /// Of a snapshot: how often its disk was begun, from 0.
  static let turn = "ascend:turn"
  /// Of a snapshot: what was sent, and of which content; set once every block is there.
  static let receipt = "ascend:receipt"
  /// Of a snapshot: the name of the content that goes into it (`Receipt.name`).
  static let content = "ascend:content"
  /// Of a snapshot: it goes when the restore is finished.
  static let temporary = "ascend:temporary"
  /// Of an import task: the job that began it, for good. `job` comes off once its snapshot is the job's.
  static let importedBy = "ascend:import"
  /// Of an instance: `launching` until it has been started and stopped once.
  static let state = "ascend:state"
  /// Of an instance: the types of its plan, the cheapest first, for where its own has no room any more.
  static let types = "ascend:types"
  static let name = "Name"

  /// What has no tags of its own from its birth on goes by its name.
  static func imageName(_ job: JobID) -> String { "ascend-\(job.rawValue)" }

  /// The user's tags and the marks of a resource. A key stands once, and is the mark's where both have it; marks
  /// without a value are left out.
  static func merge(_ user: [String: String], _ marks: [(String, String)]) -> [(String, String)] {
    let ours = Set(marks.map(\.0))
    return user.filter { !ours.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + marks.filter { !$0.1.isEmpty }
  }

  /// A client token: at most 64 characters, the same for the same parts.
  static func token(_ parts: String...) -> String {
    "ascend-" + SHA256.hex(SHA256.hash(.init(parts.joined(separator: "\u{0}").utf8))).prefix(48)
  }
}
