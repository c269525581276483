import ConnectorProtocol
public import Connectors
import Foundation
public import Guests
public import Logging
public import Support

/// Drives restore jobs: one at a time each, step by step, so that a job can be taken up again wherever it stopped.
public struct RestoreEngine: Sendable {
  public let store: Store
  public let state: StateDirectory
  public let connectors: ConnectorDirectory
  let logger: Logger
  /// Where keys of encrypted disks come from that were given on standard input; nil where nobody can be asked.
  public var keyInput: KeyInput?

  public init(store: Store, state: StateDirectory, connectors: ConnectorDirectory, logger: Logger) {
    self.store = store
    self.state = state
    self.connectors = connectors
    self.logger = logger
  }

  public var planning: PlanningService { PlanningService(engine: self) }

  /// Adds a job, pending.
  public func submit(
    backup: BackupRecord, target: TargetRecord, options: RestoreOptions, limits: JobLimits = JobLimits()
  ) throws(AscendError) -> RestoreJob {
    var options = options
    options.point = backup.point
    var job = RestoreJob(
      id: TimeOrderedUUID.make(), backupJobID: backup.id, targetID: target.id,
      sourcePlatform: backup.sourcePlatform, targetPlatform: target.platform, restoreType: "full_vm",
      status: .pending, targetConfig: target.config, options: options, plan: nil, progressPercent: 0, bytesDone: 0,
      bytesTotal: 0, estimatedCompletion: nil, errorMessage: nil, error: nil, targetVMID: nil,
      targetVMName: options.name ?? backup.name, cancelRequested: false, attempt: 0, createdAt: Date(),
      startedAt: nil, completedAt: nil)
    job.bandwidthLimit = limits.bytesPerSecond
    job.connectionLimit = limits.connections
    try store.addJob(job)
    return job
  }

  /// True where a job is not done and no process drives it: what drove it was killed.
  public func isInterrupted(_ job: RestoreJob) -> Bool {
    !job.status.isFinal && job.status != .pending && !JobLock.isHeld(folder: state.jobFolder(job.id))
  }

  /// Drives a job to its end: one that is pending, was interrupted, or failed.
  ///
  /// Steps that an earlier attempt completed are not done again, unless it was rolled back. When the job fails or is
  /// cancelled, what it made is rolled back from the ledger, unless its options keep it.
  ///
  /// - Returns: The job, completed.
  /// - Throws: `job.running`, `job.done`, and whatever failed; the job then says so too.
  public func run(_ id: String, observer: any RestoreObserver) async throws(AscendError) -> RestoreJob {
    let folder = state.jobFolder(id)
    try StateDirectory.makePrivate(folder)
    let lock = try JobLock(folder: folder, job: id)
    defer { withExtendedLifetime(lock) {} }

    let board = JobBoard(job: id, store: store, observer: observer)
    let slot: JobSlot
    do { slot = try await awaitSlot(id, board: board) } catch {
      guard error.code == "cancelled" else { throw error }
      throw await fail(try store.job(id), with: error, board: board)
    }
    defer { withExtendedLifetime(slot) {} }
    try await clearAway(store.job(id), board: board)
    let job = try begin(id)
    do {
      let context = try context(of: job, board: board, folder: folder)
      try await withCancelWatch(job: id) { try await JobRun(context: context).run() }
    } catch {
      throw await fail(job, with: AscendError.wrapping(error, as: "job.failed", "The restore failed"), board: board)
    }
    try JobFolder(path: folder).removeImages()
    return try store.updateJob(id) {
      $0.status = .completed
      $0.progressPercent = 100
      $0.estimatedCompletion = nil
      $0.completedAt = Date()
    }
  }

  private func context(of job: RestoreJob, board: JobBoard, folder: String) throws(AscendError) -> JobContext {
    let target = try store.target(job.targetID)
    return JobContext(
      job: job, backup: try store.backup(job.backupJobID).at(job.options.point), target: target,
      installation: try connectors.find(target.platform), engine: self, board: board, folder: folder)
  }

  /// Brings a job whose last attempt was to be rolled back to where nothing of it is left, and its steps to pending. One
  /// that was interrupted, or kept when it failed, is left as it is: its next attempt goes on from there.
  private func clearAway(_ job: RestoreJob, board: JobBoard) async throws(AscendError) {
    guard job.status != .completed else {
      throw AscendError(
        "job.done", "The job is completed", object: job.id, remedy: "Start another with `ascend restore`")
    }
    let isKept = job.status == .failed && job.options.keepOnFailure
    guard job.status.isFinal, !isKept else { return }
    do {
      // Usually done when it failed; where that did not work, it must work now.
      try await rollBack(job, board: board)
    } catch {
      throw AscendError.wrapping(error, as: "job.rollback", "The last attempt cannot be rolled back", object: job.id)
    }
    try JobFolder(path: state.jobFolder(job.id)).removeImages()
    try store.resetSteps(of: job.id)
  }

  /// Notes a new attempt.
  private func begin(_ id: String) throws(AscendError) -> RestoreJob {
    try store.updateJob(id) {
      $0.attempt += 1
      $0.status = .converting
      $0.error = nil
      $0.errorMessage = nil
      $0.cancelRequested = false
      $0.startedAt = $0.startedAt ?? Date()
      $0.completedAt = nil
    }
  }

  /// Notes the failure, rolls back what was made, and returns the error to throw.
  private func fail(_ job: RestoreJob, with error: AscendError, board: JobBoard) async -> AscendError {
    let cancelled = error.code == "cancelled"
    board.log(.error, "job", cancelled ? "The restore was cancelled" : "The restore failed: \(error)")
    // The task may be cancelled: what follows must happen all the same, so it runs in a task of its own.
    let leftover: AscendError? = await Task { () -> AscendError? in
      if job.options.keepOnFailure, !cancelled {
        board.log(.info, "job", "What was made is kept; `ascend jobs retry` goes on from there")
        return nil
      }
      do {
        try await rollBack(job, board: board)
        try JobFolder(path: state.jobFolder(job.id)).removeImages()
        return nil
      } catch {
        return AscendError.wrapping(error, as: "job.rollback", "The rollback failed")
      }
    }.value
    var shown = error
    if let leftover {
      board.log(.error, "job", "Not everything could be rolled back: \(leftover)")
      shown.remedy = Sentences.joined([
        error.remedy, "Not everything could be rolled back (\(leftover)); try `ascend jobs rollback \(job.id)`",
      ])
    }
    do {
      try store.updateJob(job.id) { [shown] in
        $0.status = cancelled ? .cancelled : .failed
        $0.error = shown
        $0.errorMessage = shown.description
        $0.completedAt = Date()
        $0.estimatedCompletion = nil
      }
    } catch {
      return AscendError.wrapping(error, as: "store.failed", "The job's end could not be written down", object: job.id)
    }
    return shown
  }

  /// Runs `body` and cancels it when the job's end is asked for, from this process or another.
  private func withCancelWatch(job: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        while try !store.isCancelRequested(job) { try await Task.sleep(for: .milliseconds(300)) }
        return false
      }
      defer { group.cancelAll() }
      guard let finished = try await group.next() else { return }
      if !finished {
        group.cancelAll()
        // The body is left to end in its own way: a cancelled request is still answered.
        while let ended = try await group.next() { if ended { return } }
        throw AscendError("cancelled", "Cancelled", object: job)
      }
    }
  }
}
