public import ConnectorProtocol
import Foundation
import GRDB
public import Support

extension Store {
  /// The operation that `name` stands for in its job, ready to be sent: the one of an earlier attempt where its
  /// parameters are the same, else a new one in its place.
  public func beginOperation(
    job: String, name: String, method: String, digest: String
  ) throws(AscendError) -> OperationRecord {
    try write { db in
      let known = try OperationRecord.filter(Column("restore_job_id") == job && Column("name") == name).fetchOne(db)
      if var known, known.digest == digest {
        if known.result == nil {
          known.attempt += 1
          try known.update(db)
        }
        return known
      }
      try known?.delete(db)
      let operation = OperationRecord(
        id: TimeOrderedUUID.make(), restoreJobID: job, name: name, method: method, digest: digest, attempt: 1,
        result: nil)
      try operation.insert(db)
      return operation
    }
  }

  public func finishOperation(_ id: String, result: JSONValue) throws(AscendError) {
    try write { db in
      guard var operation = try OperationRecord.fetchOne(db, key: id) else { return }
      operation.result = result
      try operation.update(db)
      try CheckpointRecord.filter(Column("operation_id") == id).deleteAll(db)
    }
  }

  /// Forgets every operation of a job and what its steps left: its next attempt starts from nothing.
  public func resetSteps(of job: String) throws(AscendError) {
    try write { db in
      try OperationRecord.filter(Column("restore_job_id") == job).deleteAll(db)
      for var step in try RestoreStep.filter(Column("restore_job_id") == job).fetchAll(db) {
        step.status = .pending
        step.startedAt = nil
        step.completedAt = nil
        step.errorMessage = nil
        step.metadata = [:]
        try step.update(db)
      }
    }
  }

  // MARK: Checkpoints

  /// Keeps a checkpoint, and of the older ones the newest.
  public func addCheckpoint(_ notification: CheckpointNotification) throws(AscendError) {
    try write { db in
      guard let operation = try OperationRecord.fetchOne(db, key: notification.op.rawValue) else { return }
      try CheckpointRecord(
        operationID: operation.id, attempt: operation.attempt, seq: notification.seq, token: notification.token,
        through: notification.through, createdAt: Date()
      ).save(db)
      try db.execute(
        sql: """
          DELETE FROM restore_checkpoints WHERE operation_id = :op AND rowid NOT IN
            (SELECT rowid FROM restore_checkpoints WHERE operation_id = :op ORDER BY attempt DESC, seq DESC LIMIT 2)
          """, arguments: ["op": operation.id])
    }
  }

  public func newestCheckpoint(of operation: String) throws(AscendError) -> CheckpointRecord? {
    try read { db in
      try CheckpointRecord.filter(Column("operation_id") == operation)
        .order(Column("attempt").desc, Column("seq").desc).fetchOne(db)
    }
  }

  public func dropCheckpoints(of operation: String) throws(AscendError) {
    _ = try write { try CheckpointRecord.filter(Column("operation_id") == operation).deleteAll($0) }
  }
}
