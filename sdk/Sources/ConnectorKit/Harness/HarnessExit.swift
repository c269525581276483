import Foundation
import Synchronization

/// The exit code, once there is one.
final class HarnessExit: Sendable {
  private struct State {
    var code: Int32?
    var closedAt: Double?
    var endedAt: Double?
    var waiters: [CheckedContinuation<Int32, Never>] = []
  }

  private let state = Mutex(State())

  func set(_ code: Int32) {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      state.code = code
      state.endedAt = ProcessInfo.processInfo.systemUptime
      return state.waiters
    }
    for waiter in waiters { waiter.resume(returning: code) }
  }

  var code: Int32 {
    get async {
      await withCheckedContinuation { continuation in
        let code = state.withLock { state in
          if state.code == nil { state.waiters.append(continuation) }
          return state.code
        }
        if let code { continuation.resume(returning: code) }
      }
    }
  }

  /// Seconds from the end of the connector's input to its exit.
  var delay: Double? {
    state.withLock { state in
      guard let closed = state.closedAt, let ended = state.endedAt else { return nil }
      return ended - closed
    }
  }

  /// True for the first caller.
  func closeOnce() -> Bool {
    state.withLock { state in
      defer { state.closedAt = state.closedAt ?? ProcessInfo.processInfo.systemUptime }
      return state.closedAt == nil
    }
  }
}
