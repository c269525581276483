import ConnectorProtocol
import Foundation

/// What a machine on the server bears of the job that made it: entries of its extra configuration. They go when the job
/// is finished.
struct Mark: Hashable, Sendable {
  static let prefix = "ascend."
  static let job = "ascend.job"
  static let role = "ascend.role"
  static let state = "ascend.state"
  /// Which job made the machine, once it is finished: by this it is not found, and removed by nobody.
  static let origin = "ascend.restored"
  /// Of a carrier: where its disk's file lay when it was taken out, and where it goes.
  static let file = "ascend.file"
  static let target = "ascend.target"

  var jobID: JobID
  var roleName: String
  /// True once the machine has all its disks.
  var isComplete: Bool
  /// What is known of disks that are there, by index.
  var receipts: [Int: Receipt]
  /// Files of a carrier's disk that no machine may know of.
  var file: DatastorePath?
  var target: DatastorePath?

  /// A disk that has arrived: enough to answer `disk/receive` again without another transfer.
  struct Receipt: Codable, Hashable, Sendable {
    /// `DiskSource.generation` of what was sent.
    var generation: String
    var read: Int64
    var sent: Int64
    var skipped: Int64
    /// SHA-256 of the stream as it was sent.
    var sha256: String
    /// The content digest of the disk as it was read.
    var digest: String?
  }

  enum Role: Hashable, Sendable {
    case machine
    case carrier(Int)

    var text: String {
      switch self {
      case .machine: "machine"
      case .carrier(let disk): "disk \(disk)"
      }
    }
  }

  static func receiptKey(_ disk: Int) -> String { "ascend.disk.\(disk)" }

  /// The entries that a new machine gets.
  static func entries(_ job: JobID, _ role: Role) -> [VimValue] {
    [entry(Self.job, job.rawValue), entry(Self.role, role.text), entry(state, "receiving")]
  }

  static func entry(_ key: String, _ value: String) -> VimValue {
    .object(VimObject("OptionValue", ["key": .text(key), "value": .text(value)]))
  }

  /// Reads `config.extraConfig`. Of entries with the same key the last counts; an empty one is none.
  init?(extraConfig: XMLNode?) {
    var values: [String: String] = [:]
    for option in extraConfig?.items ?? [] {
      guard let key = option.string("key"), key.hasPrefix(Self.prefix) else { continue }
      values[key] = option.string("value") ?? ""
    }
    guard let job = values[Self.job], !job.isEmpty else { return nil }
    jobID = JobID(job)
    roleName = values[Self.role] ?? ""
    isComplete = values[Self.state] == "complete"
    file = values[Self.file].flatMap { DatastorePath($0) }
    target = values[Self.target].flatMap { DatastorePath($0) }
    receipts = [:]
    for (key, value) in values where key.hasPrefix("ascend.disk.") {
      guard let index = Int(key.dropFirst("ascend.disk.".count)) else { continue }
      receipts[index] = try? JSONDecoder().decode(Receipt.self, from: Data(value.utf8))
    }
  }

  /// Entries that take every mark off, and say who made the machine.
  var removal: [VimValue] {
    ([Self.job, Self.role, Self.state] + receipts.keys.sorted().map(Self.receiptKey)).map { Self.entry($0, "") }
      + [Self.entry(Self.origin, jobID.rawValue)]
  }

  /// The finished job that made the machine.
  static func origin(extraConfig: XMLNode?) -> JobID? {
    let value = extraConfig?.items.last { $0.string("key") == origin }?.string("value") ?? ""
    return value.isEmpty ? nil : JobID(value)
  }
}
