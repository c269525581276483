import ConnectorProtocol

/// Which progress of an operation is sent: at most one per interval and the newest always, `done` never falling in a
/// phase, and a heartbeat where there is nothing to say. Times are seconds of one monotonic clock.
struct ProgressThrottle {
  struct Update: Equatable {
    var phase: String
    var done: Int64
    var total: Int64?
    var unit: String
    var skipped: Int64?
    var message: String?
  }

  enum Decision {
    case send(ProgressNotification)
    /// Kept: `flush` is to be called at this time.
    case hold(until: Double)
    /// Kept in place of one that is being held already.
    case replaced
  }

  static let interval = 0.2

  let op: OperationID
  private var seq: Int64 = 0
  private var lastSent: Double?
  private var latest: Update?
  private var held = false

  init(op: OperationID) {
    self.op = op
  }

  mutating func offer(_ update: Update, now: Double) -> Decision {
    var update = update
    let newPhase = latest?.phase != update.phase
    if let latest, !newPhase { update.done = max(update.done, latest.done) }
    update.done = max(update.done, 0)
    latest = update
    if held, !newPhase { return .replaced }
    guard let lastSent, now - lastSent < Self.interval else { return .send(sent(update, now: now)) }
    if held { return .replaced }
    held = true
    return .hold(until: lastSent + Self.interval)
  }

  /// The update that is being held, if there is one.
  mutating func flush(now: Double) -> ProgressNotification? {
    guard held, let latest else { return nil }
    return sent(latest, now: now)
  }

  /// What to send when nothing else has been for `interval` seconds; nil when something has.
  mutating func heartbeat(every interval: Double, now: Double) -> ProgressNotification? {
    if let lastSent, now - lastSent < interval { return nil }
    var notification = sent(latest ?? Update(phase: "running", done: 0, unit: "steps"), now: now)
    notification.heartbeat = true
    return notification
  }

  private mutating func sent(_ update: Update, now: Double) -> ProgressNotification {
    seq += 1
    lastSent = now
    held = false
    return ProgressNotification(
      op: op, phase: update.phase, seq: seq, done: update.done, total: update.total, unit: update.unit,
      skipped: update.skipped, message: update.message)
  }
}
