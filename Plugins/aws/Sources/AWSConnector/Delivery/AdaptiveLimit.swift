import Synchronization

/// How many requests may be underway: one more for as many successes as there are, half as many when the service asks
/// for fewer.
package final class AdaptiveLimit: Sendable {
  package static let start = 32.0
  static let most = 64.0
  /// A burst of refusals is one.
  private static let calm = Duration.milliseconds(250)

  private struct State {
    var limit: Double
    var active = 0
    var reducedAt: ContinuousClock.Instant?
    var isClosed = false
    var waiting: [CheckedContinuation<Bool, Never>] = []
  }

  private let state: Mutex<State>

  package init(start: Double = AdaptiveLimit.start) {
    state = Mutex(State(limit: start))
  }

  var limit: Int { state.withLock { Int($0.limit) } }

  /// Waits for a place.
  ///
  /// - Throws: `CancellationError` once it is closed.
  func acquire() async throws {
    let isIn = await withCheckedContinuation { continuation in
      let now: Bool? = state.withLock { state in
        if state.isClosed { return false }
        if Double(state.active) < state.limit.rounded(.down) {
          state.active += 1
          return true
        }
        state.waiting.append(continuation)
        return nil
      }
      if let now { continuation.resume(returning: now) }
    }
    if !isIn { throw CancellationError() }
  }

  enum Outcome { case success, refused, failed }

  func release(_ outcome: Outcome, now: ContinuousClock.Instant = .now) {
    let admitted = state.withLock { state in
      state.active -= 1
      switch outcome {
      case .success: state.limit = min(Self.most, state.limit + 1 / state.limit)
      case .refused where state.reducedAt.map({ $0.duration(to: now) > Self.calm }) ?? true:
        state.limit = max(1, state.limit / 2)
        state.reducedAt = now
      case .refused, .failed: break
      }
      var admitted: [CheckedContinuation<Bool, Never>] = []
      while !state.waiting.isEmpty, Double(state.active) < state.limit.rounded(.down) {
        state.active += 1
        admitted.append(state.waiting.removeFirst())
      }
      return admitted
    }
    for continuation in admitted { continuation.resume(returning: true) }
  }

  /// Nobody gets a place any more.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: false) }
  }
}
