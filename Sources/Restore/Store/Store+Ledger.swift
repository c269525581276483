public import ConnectorProtocol
import Foundation
import GRDB
public import Support

extension Store {
  /// Writes down what a connector announces; when this returns it is durable, and the connector may go on.
  public func recordLedger(job: String, _ notification: LedgerNotification) throws(AscendError) {
    let resource = notification.resource
    let state: LedgerRecord.State? =
      switch notification.event {
      case .intend: .intended
      case .created, .changed: .created
      case .deleted: .deleted
      case .abandoned: .abandoned
      default: nil
      }
    try write { db in
      let known = try LedgerRecord.filter(
        Column("restore_job_id") == job && Column("kind") == resource.kind && Column("name") == resource.name
      ).fetchOne(db)
      guard var line = known else {
        // A line for something that was only ever said to be gone tells nothing.
        guard let state, state.mayExist else { return }
        try LedgerRecord(
          id: nil, restoreJobID: job, operationID: notification.op.rawValue, kind: resource.kind,
          name: resource.name, remoteID: resource.remoteID, state: state, resource: resource, createdAt: Date(),
          updatedAt: Date()
        ).insert(db)
        return
      }
      // A repeated intent must not forget that the resource exists.
      if let state, !(state == .intended && line.state == .created) { line.state = state }
      line.operationID = notification.op.rawValue
      line.remoteID = resource.remoteID ?? line.remoteID
      var kept = resource
      kept.remoteID = line.remoteID
      line.resource = kept
      line.updatedAt = Date()
      try line.update(db)
    }
  }

  public func ledger(of job: String) throws(AscendError) -> [LedgerRecord] {
    try read { try LedgerRecord.filter(Column("restore_job_id") == job).order(Column("id")).fetchAll($0) }
  }

  /// Sets the state of a job's line, where there is one.
  public func settle(job: String, kind: String, name: String, as state: LedgerRecord.State) throws(AscendError) {
    try write { db in
      let line = try LedgerRecord.filter(
        Column("restore_job_id") == job && Column("kind") == kind && Column("name") == name
      ).fetchOne(db)
      guard var line else { return }
      line.state = state
      line.updatedAt = Date()
      try line.update(db)
    }
  }
}
