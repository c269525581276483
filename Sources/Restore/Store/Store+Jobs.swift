import ConnectorProtocol
import Foundation
import GRDB
public import Support

extension Store {
  /// Adds a job with its steps, all pending.
  public func addJob(_ job: RestoreJob) throws(AscendError) {
    try write { db in
      try job.insert(db)
      for (order, name) in RestoreStep.Name.allCases.enumerated() {
        try RestoreStep(
          id: "\(job.id)-\(name.rawValue)", restoreJobID: job.id, stepName: name, stepOrder: order, status: .pending,
          startedAt: nil, completedAt: nil, errorMessage: nil, metadata: [:]
        ).insert(db)
      }
    }
  }

  public func jobs() throws(AscendError) -> [RestoreJob] {
    try read { try RestoreJob.order(Column("created_at"), Column("id")).fetchAll($0) }
  }

  /// - Throws: `job.unknown`, `job.ambiguous`.
  public func job(_ reference: String) throws(AscendError) -> RestoreJob {
    try Self.pick(reference, from: jobs(), id: \.id, names: { _ in [] }, what: "job")
  }

  /// Changes a job in one transaction.
  @discardableResult
  public func updateJob(_ id: String, _ change: @Sendable (inout RestoreJob) -> Void) throws(AscendError) -> RestoreJob
  {
    try write { db in
      guard var job = try RestoreJob.fetchOne(db, key: id) else {
        throw AscendError("job.unknown", "There is no job of that id", object: id)
      }
      change(&job)
      try job.update(db)
      return job
    }
  }

  /// True where somebody asked for the job's end; asked often, so it reads one column only.
  public func isCancelRequested(_ id: String) throws(AscendError) -> Bool {
    try read { db in
      try Bool.fetchOne(db, sql: "SELECT cancel_requested FROM restore_jobs WHERE id = ?", arguments: [id]) ?? false
    }
  }

  public func steps(of job: String) throws(AscendError) -> [RestoreStep] {
    try read { try RestoreStep.filter(Column("restore_job_id") == job).order(Column("step_order")).fetchAll($0) }
  }

  public func updateStep(
    _ name: RestoreStep.Name, of job: String, _ change: @Sendable (inout RestoreStep) -> Void
  ) throws(AscendError) {
    try write { db in
      guard var step = try RestoreStep.fetchOne(db, key: "\(job)-\(name.rawValue)") else { return }
      change(&step)
      try step.update(db)
    }
  }

  // MARK: The log

  public func log(_ job: String, _ level: EventRecord.Level, _ kind: String, _ message: String) throws(AscendError) {
    try write { db in
      try EventRecord(id: nil, restoreJobID: job, at: Date(), level: level, kind: kind, message: message).insert(db)
    }
  }

  public func events(of job: String, after id: Int64 = 0) throws(AscendError) -> [EventRecord] {
    try read {
      try EventRecord.filter(Column("restore_job_id") == job && Column("id") > id).order(Column("id")).fetchAll($0)
    }
  }
}
