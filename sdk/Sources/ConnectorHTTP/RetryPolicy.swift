/// When and how often a request is sent again: exponential back-off with jitter, and what the server asks for.
public struct RetryPolicy: Hashable, Sendable {
  /// Attempts in all, the first included.
  public var attempts: Int
  /// The first wait is between half of this and all of it; each further one up to twice as long.
  public var base: Duration
  public var longest: Duration
  /// No attempt begins later than this after the first.
  public var deadline: Duration
  /// Statuses that are worth another attempt.
  public var statuses: Set<Int>

  public init(
    attempts: Int = 8, base: Duration = .milliseconds(250), longest: Duration = .seconds(20),
    deadline: Duration = .seconds(300), statuses: Set<Int> = [408, 425, 429, 500, 502, 503, 504, 509]
  ) {
    self.attempts = attempts
    self.base = base
    self.longest = longest
    self.deadline = deadline
    self.statuses = statuses
  }

  /// How long to wait after attempt number `attempt` (from 1), or nil where no other is made.
  ///
  /// - Parameters:
  ///   - asked: What `Retry-After` says: no less than that is waited.
  ///   - elapsed: Since the first attempt began.
  public func wait(after attempt: Int, asked: Duration? = nil, elapsed: Duration = .zero) -> Duration? {
    guard attempt < attempts else { return nil }
    var most = min(base, longest)
    for _ in 1..<max(1, min(attempt, 40)) where most < longest { most = min(most * 2, longest) }
    let wait = max(most * Double.random(in: 0.5...1), asked ?? .zero)
    return elapsed + wait <= deadline ? wait : nil
  }

  /// Sends a request until there is an answer that is not worth another attempt: that answer, or the last one.
  ///
  /// - Parameters:
  ///   - retries: Looks at an answer and says whether to try again; nil leaves it to `statuses`.
  ///   - request: Makes the request of an attempt anew: its signature, and its body where that is a stream.
  /// - Throws: What `client` throws at the last attempt, or at one that is not worth another.
  public func send(
    by client: HTTPClient, retries: @Sendable (HTTPResponse) -> Bool? = { _ in nil },
    _ request: @Sendable (_ attempt: Int) async throws -> HTTPRequest
  ) async throws -> HTTPResponse {
    let begin = ContinuousClock.now
    var attempt = 1
    while true {
      do {
        let response = try await client.send(try await request(attempt))
        guard retries(response) ?? statuses.contains(response.status),
          let wait = wait(after: attempt, asked: response.retryAfter(), elapsed: .now - begin)
        else { return response }
        try await Task.sleep(for: wait)
      } catch let failure as HTTPFailure {
        guard failure.isRetryable, let wait = wait(after: attempt, elapsed: .now - begin) else { throw failure }
        try await Task.sleep(for: wait)
      }
      attempt += 1
    }
  }
}
