import Dispatch
import Foundation
import Synchronization

/// Runs short actions at given times on a thread of its own: deadlines and heartbeats must not wait for connector code
/// that blocks the threads of the concurrency runtime.
final class KitClock: Sendable {
  private struct State {
    var due: [(time: Double, action: @Sendable () -> Void)] = []
    var stopped = false
  }

  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  /// Seconds since an arbitrary moment, never set back.
  var now: Double { ProcessInfo.processInfo.systemUptime }

  init() {
    let thread = Thread { [self] in loop() }
    thread.name = "connector-clock"
    thread.start()
  }

  /// Runs `action` at `time`, or as soon after it as can be. Actions must not block.
  func schedule(at time: Double, _ action: @escaping @Sendable () -> Void) {
    state.withLock { state in
      let index = state.due.firstIndex { $0.time > time } ?? state.due.endIndex
      state.due.insert((time, action), at: index)
    }
    wake.signal()
  }

  /// Drops what is scheduled and ends the thread.
  func stop() {
    state.withLock { state in
      state.stopped = true
      state.due = []
    }
    wake.signal()
  }

  private func loop() {
    while true {
      let (actions, next, stopped) = state.withLock { state in
        let now = now
        let due = state.due.prefix { $0.time <= now }
        state.due.removeFirst(due.count)
        return (due.map(\.action), state.due.first?.time, state.stopped)
      }
      if stopped { return }
      for action in actions { action() }
      if let next {
        _ = wake.wait(timeout: .now() + max(0, next - now))
      } else {
        wake.wait()
      }
    }
  }
}
