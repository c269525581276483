public import ConnectorProtocol
public import Foundation
import GRDB

/// A request that changes something on the platform: its idempotency key outlives the process that sent it.
public struct OperationRecord: StoredRecord {
  public static let databaseTableName = "restore_operations"

  public var id: String
  public var restoreJobID: String
  /// What it is for, unique in its job: `disk/receive 0`.
  public var name: String
  public var method: String
  public var digest: String
  public var attempt: Int
  /// The connector's answer, once it is there: the operation is then never sent again.
  public var result: JSONValue?

  enum CodingKeys: String, CodingKey {
    case id, name, method, digest, attempt, result
    case restoreJobID = "restore_job_id"
  }
}

/// A point from which an operation can be taken up again.
public struct CheckpointRecord: StoredRecord {
  public static let databaseTableName = "restore_checkpoints"

  public var operationID: String
  public var attempt: Int
  public var seq: Int64
  public var token: String
  public var through: Int64
  public var createdAt: Date

  enum CodingKeys: String, CodingKey {
    case seq, token, through, attempt
    case operationID = "operation_id"
    case createdAt = "created_at"
  }
}
