public import ConnectorProtocol
public import Foundation
import GRDB

/// A line of the ledger: something that exists on the platform, or may exist, because a job made it.
public struct LedgerRecord: StoredRecord {
  public static let databaseTableName = "restore_resources"

  public var id: Int64?
  public var restoreJobID: String
  public var operationID: String
  public var kind: String
  public var name: String
  public var remoteID: String?
  public var state: State
  public var resource: Resource
  public var createdAt: Date
  public var updatedAt: Date

  /// `intended` before the call, `created` after it; a line that stays `intended` after a crash may exist or not.
  public enum State: String, Codable, Sendable {
    case intended, created, deleted, abandoned
    /// Made by us once and not ours any more: committed with the job, or found to bear no mark of it.
    case released

    public var mayExist: Bool { self == .intended || self == .created }
  }

  enum CodingKeys: String, CodingKey {
    case id, kind, name, state, resource
    case restoreJobID = "restore_job_id"
    case operationID = "operation_id"
    case remoteID = "remote_id"
    case createdAt = "created_at"
    case updatedAt = "updated_at"
  }
}
