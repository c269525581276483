import GRDB
public import Support

extension Store {
  public func hostLimits() throws(AscendError) -> HostLimits {
    try read { try HostLimits.fetchOne($0) ?? HostLimits() }
  }

  @discardableResult
  public func updateHostLimits(_ change: @Sendable (inout HostLimits) -> Void) throws(AscendError) -> HostLimits {
    try write { db in
      var limits = try HostLimits.fetchOne(db) ?? HostLimits()
      change(&limits)
      try limits.save(db)
      return limits
    }
  }

  /// The limits of a job and of the host, and the jobs whose transfers run by what the database says. Asked often.
  func limits(of job: String) throws(AscendError) -> (job: JobLimits, host: HostLimits, transferring: [String]) {
    try read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT bandwidth_limit, connection_limit FROM restore_jobs WHERE id = ?", arguments: [job])
      let transferring = try String.fetchAll(
        db, sql: "SELECT id FROM restore_jobs WHERE status = ?",
        arguments: [RestoreJob.Status.uploading.rawValue])
      return (
        JobLimits(bytesPerSecond: row?["bandwidth_limit"], connections: row?["connection_limit"]),
        try HostLimits.fetchOne(db) ?? HostLimits(), transferring
      )
    }
  }
}
