/// A pace that may change at any time. A value: the clock is the caller's.
struct TokenBucket {
  typealias Instant = ContinuousClock.Instant

  /// What may be taken at once after a pause.
  private static let burstSeconds = 0.25

  /// Bytes per second; nil without a limit.
  private(set) var rate: Double?
  /// Bytes that may be taken now. Below zero for what was taken in advance: a request is never cut in pieces.
  private var tokens = 0.0
  private var filledAt: Instant

  init(at now: Instant) {
    filledAt = now
  }

  mutating func setRate(_ new: Double?, at now: Instant) {
    fill(at: now)
    // A debt that was made at another pace would outlast it.
    if let new, let rate { tokens = max(tokens, tokens * new / max(rate, 1)) }
    if rate == nil { tokens = 0 }
    rate = new.map { max($0, 1) }
  }

  /// Takes bytes; where they cannot be had yet, nothing is taken and the time is given after which to ask again.
  mutating func take(_ bytes: Int, at now: Instant) -> Duration? {
    guard let rate else { return nil }
    fill(at: now)
    guard tokens >= 0 else { return .seconds(-tokens / rate) }
    tokens -= Double(bytes)
    return nil
  }

  private mutating func fill(at now: Instant) {
    if let rate, now > filledAt {
      tokens = min(tokens + rate * ((now - filledAt) / .seconds(1)), rate * Self.burstSeconds)
    }
    filledAt = max(now, filledAt)
  }
}
