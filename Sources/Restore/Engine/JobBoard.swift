import ConnectorProtocol
import Connectors
import Foundation
import Support
import Synchronization

/// A running job's notice board: what the connector and the steps report goes from here to the database, to the job's
/// log and to the observer.
final class JobBoard: ConnectorEvents, Sendable {
  let job: String
  /// True for a job that has ended: how far it came is not written any more.
  private let isOver: Bool
  private let store: Store
  private let observer: any RestoreObserver
  private let state: Mutex<State>

  private struct State {
    var step = RestoreStep.Name.validate
    var transfer = TransferProgress(totals: [:])
    /// Which disk an operation moves.
    var disks: [OperationID: Int] = [:]
    var lastWrite: ContinuousClock.Instant?
    let start = ContinuousClock.now
  }

  init(job: String, store: Store, observer: any RestoreObserver, isOver: Bool = false) {
    self.job = job
    self.isOver = isOver
    self.store = store
    self.observer = observer
    state = Mutex(State())
  }

  // MARK: Steps

  func start(_ step: RestoreStep.Name) throws(AscendError) {
    state.withLock {
      $0.step = step
      $0.lastWrite = nil
    }
    try store.updateStep(step, of: job) {
      $0.status = .running
      $0.startedAt = Date()
      $0.completedAt = nil
      $0.errorMessage = nil
    }
    try store.updateJob(job) {
      $0.status = step.jobStatus
      $0.progressPercent = JobPercent.of(step, fraction: 0)
      $0.estimatedCompletion = nil
    }
    log(.info, "step", "\(step.rawValue) started")
    observer.stepStarted(step)
  }

  func end(
    _ step: RestoreStep.Name, _ status: RestoreStep.Status, metadata: JSONValue? = nil, error: AscendError? = nil
  ) throws(AscendError) {
    let now = Date()
    try store.updateStep(step, of: job) {
      $0.status = status
      $0.startedAt = $0.startedAt ?? now
      $0.completedAt = now
      $0.errorMessage = error?.description
      if let metadata { $0.metadata = metadata }
    }
    let steps = try store.steps(of: job)
    let seconds = steps.first { $0.stepName == step }?.seconds ?? 0
    log(error == nil ? .info : .error, "step", "\(step.rawValue) \(status.rawValue)" + (error.map { ": \($0)" } ?? ""))
    observer.stepEnded(step, status: status, seconds: seconds)
  }

  // MARK: Progress

  func expect(disks: [Int: Int64]) {
    state.withLock { $0.transfer = TransferProgress(totals: disks) }
  }

  func associate(_ operation: OperationID, disk index: Int) {
    state.withLock { $0.disks[operation] = index }
  }

  /// Reports how far the running step is where no bytes tell it.
  func message(_ message: String, fraction: Double = 0) {
    report(fraction: fraction, message: message)
  }

  func progress(_ notification: ProgressNotification) {
    let fraction: Double? = state.withLock { state in
      guard notification.unit == "bytes", let index = state.disks[notification.op] else { return nil }
      let seconds = (ContinuousClock.now - state.start) / .seconds(1)
      state.transfer.update(disk: index, done: notification.done, total: notification.total, at: seconds)
      return state.transfer.fraction
    }
    if let fraction {
      report(fraction: fraction, message: notification.message)
    } else {
      let total = notification.total ?? 0
      report(fraction: total > 0 ? Double(notification.done) / Double(total) : 0, message: notification.message)
    }
  }

  private func report(fraction: Double, message: String?) {
    guard !isOver else { return }
    let (progress, mustWrite) = state.withLock { state in
      let percent = JobPercent.of(state.step, fraction: fraction)
      let progress = JobProgress(
        step: state.step, percent: percent, bytesDone: state.transfer.done, bytesTotal: state.transfer.total,
        bytesPerSecond: state.step == .transfer ? state.transfer.bytesPerSecond : nil,
        secondsLeft: state.step == .transfer ? state.transfer.secondsLeft : nil, message: message)
      // The database is for other processes to look at: twice a second is enough.
      let now = ContinuousClock.now
      let due = state.lastWrite.map { now - $0 > .milliseconds(500) } ?? true
      if due { state.lastWrite = now }
      return (progress, due)
    }
    observer.progress(progress)
    guard mustWrite else { return }
    do {
      try store.updateJob(job) {
        $0.progressPercent = max($0.progressPercent, progress.percent)
        $0.bytesDone = progress.bytesDone
        $0.bytesTotal = progress.bytesTotal
        $0.estimatedCompletion = progress.secondsLeft.map { Date(timeIntervalSinceNow: $0) }
      }
    } catch {
      observer.event(.warning, "job", "The job's progress could not be written down: \(error)")
    }
  }

  // MARK: What the connector says

  func ledger(_ notification: LedgerNotification) async throws {
    try store.recordLedger(job: job, notification)
    log(.debug, "ledger", "\(notification.event) \(notification.resource.kind) \(notification.resource.name)")
  }

  func checkpoint(_ notification: CheckpointNotification) {
    do {
      try store.addCheckpoint(notification)
    } catch {
      // A checkpoint that is lost costs a repeat of some bytes, never the restore.
      log(.warning, "job", "A checkpoint could not be kept: \(error)")
    }
  }

  func diagnostic(_ notification: DiagnosticNotification) {
    let diagnostic = notification.diagnostic
    let text = Sentences.joined([diagnostic.summary, diagnostic.detail, diagnostic.action])
    log(diagnostic.severity == .note ? .info : .warning, "connector", text)
  }

  func log(level: String, message: String) {
    log(EventRecord.Level(rawValue: level) ?? .info, "connector", message)
  }

  func log(_ level: EventRecord.Level, _ kind: String, _ message: String) {
    observer.event(level, kind, message)
    do {
      try store.log(job, level, kind, message)
    } catch {
      observer.event(.warning, "job", "A line of the log could not be written down: \(error)")
    }
  }
}
