public import Foundation
import GRDB

/// A line of a job's log.
public struct EventRecord: StoredRecord {
  public static let databaseTableName = "restore_events"

  public var id: Int64?
  public var restoreJobID: String
  public var at: Date
  public var level: Level
  /// Who said it: `job`, `step`, `connector`, `ledger`, `guest`, `disk`, `hardware`.
  public var kind: String
  public var message: String

  public enum Level: String, Codable, Sendable {
    case debug, info, warning, error
  }

  enum CodingKeys: String, CodingKey {
    case id, at, level, kind, message
    case restoreJobID = "restore_job_id"
  }
}
