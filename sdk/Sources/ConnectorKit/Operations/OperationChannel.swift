import ConnectorProtocol
import Synchronization

/// The sending side of one running operation: progress, checkpoints, ledger entries.
final class OperationChannel: Sendable {
  private struct State {
    var throttle: ProgressThrottle
    var checkpointSeq: Int64 = 0
    var newestCheckpoint: String?
    var finished = false
    var effects = false
  }

  private let op: OperationID
  private let outbox: Outbox
  private let ledger: LedgerClient
  private let clock: KitClock
  private let logger: ConnectorLogger
  private let heartbeat: Double
  private let state: Mutex<State>

  init(
    op: OperationID, outbox: Outbox, ledger: LedgerClient, clock: KitClock, logger: ConnectorLogger, heartbeat: Double
  ) {
    self.op = op
    self.outbox = outbox
    self.ledger = ledger
    self.clock = clock
    self.logger = logger
    self.heartbeat = heartbeat
    state = Mutex(State(throttle: ProgressThrottle(op: op)))
    scheduleHeartbeat()
  }

  /// The token of the newest checkpoint that was sent.
  var newestCheckpoint: String? { state.withLock { $0.newestCheckpoint } }

  /// True once the operation has announced a resource or sent a checkpoint: it may have left something behind.
  var hasEffects: Bool { state.withLock { $0.effects } }

  func progress(_ update: ProgressThrottle.Update) {
    // Written under the lock, so that numbers rise in the order of the lines.
    let due: Double? = state.withLock { state in
      guard !state.finished else { return nil }
      switch state.throttle.offer(update, now: clock.now) {
      case .send(let notification): outbox.send(notification)
      case .hold(let due): return due
      case .replaced: break
      }
      return nil
    }
    if let due { clock.schedule(at: due) { [weak self] in self?.flush() } }
  }

  func checkpoint(token: String, through: Int64) {
    if let fault = outbox.fault(ofCheckpoint: token) {
      return logger.error("A checkpoint at byte \(through) was not sent: \(fault).")
    }
    state.withLock { state in
      guard !state.finished else { return }
      state.checkpointSeq += 1
      state.newestCheckpoint = token
      state.effects = true
      outbox.send(CheckpointNotification(op: op, seq: state.checkpointSeq, token: token, through: max(through, 0)))
    }
  }

  func diagnostic(_ diagnostic: Diagnostic) {
    outbox.send(DiagnosticNotification(op: op, diagnostic: diagnostic))
  }

  /// Announces a resource and waits until the host has written it down.
  func intend(_ resource: Resource) async throws {
    state.withLock { $0.effects = true }
    let seq = ledger.record(.intend, resource, op: op, awaited: true)
    guard await ledger.acknowledged(seq) else {
      ledger.record(.abandoned, resource, op: op, awaited: false)
      throw CancellationError()
    }
  }

  func record(_ event: LedgerNotification.Event, _ resource: Resource) {
    ledger.record(event, resource, op: op, awaited: false)
  }

  /// Records what has happened already. When the task is cancelled it does not wait for the acknowledgement: the line
  /// has been written, and the host reads it in order.
  func recordDurably(_ event: LedgerNotification.Event, _ resource: Resource) async {
    state.withLock { $0.effects = true }
    _ = await ledger.acknowledged(ledger.record(event, resource, op: op, awaited: true))
  }

  /// Sends the progress that is being held; nothing more is sent for this operation afterwards.
  func finish() {
    flush()
    state.withLock { $0.finished = true }
  }

  private func flush() {
    state.withLock { state in
      guard !state.finished, let notification = state.throttle.flush(now: clock.now) else { return }
      outbox.send(notification)
    }
  }

  private func scheduleHeartbeat() {
    // Twice in an interval, and sent after half of one: no silence is then longer than the whole.
    clock.schedule(at: clock.now + heartbeat / 2) { [weak self] in self?.beat() }
  }

  private func beat() {
    let goOn = state.withLock { state in
      guard !state.finished else { return false }
      if let beat = state.throttle.heartbeat(every: heartbeat / 2, now: clock.now) { outbox.send(beat) }
      return true
    }
    if goOn { scheduleHeartbeat() }
  }
}
