public import ConnectorProtocol
public import Foundation
import GRDB

/// One step of a job.
public struct RestoreStep: StoredRecord {
  public static let databaseTableName = "restore_steps"

  public var id: String
  public var restoreJobID: String
  public var stepName: Name
  public var stepOrder: Int
  public var status: Status
  public var startedAt: Date?
  public var completedAt: Date?
  public var errorMessage: String?
  /// What the step found and made: the report's, and a later attempt's.
  public var metadata: JSONValue

  /// The steps of a restore, in their order.
  public enum Name: String, Codable, Sendable, CaseIterable {
    case validate, prepare, transfer, create, start, verify

    /// The job's status while the step runs.
    public var jobStatus: RestoreJob.Status {
      switch self {
      case .validate, .prepare: .converting
      case .transfer: .uploading
      case .create, .start, .verify: .creating
      }
    }
  }

  public enum Status: String, Codable, Sendable {
    case pending, running, completed, failed, skipped
  }

  public var seconds: Double? {
    guard let startedAt, let completedAt else { return nil }
    return completedAt.timeIntervalSince(startedAt)
  }

  enum CodingKeys: String, CodingKey {
    case id, status, metadata
    case restoreJobID = "restore_job_id"
    case stepName = "step_name"
    case stepOrder = "step_order"
    case startedAt = "started_at"
    case completedAt = "completed_at"
    case errorMessage = "error_message"
  }
}
