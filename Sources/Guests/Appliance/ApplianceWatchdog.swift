import Foundation
import Support
import Synchronization

/// Stops an appliance that takes too long or whose task was cancelled, by killing its QEMU.
///
/// A blocked libguestfs call returns with an error as soon as the appliance is gone; nothing else ends it early.
final class ApplianceWatchdog: Sendable {
  enum Reason: Sendable {
    case cancelled
    case launchLimit(Duration)
    case totalLimit(Duration)
  }

  private struct State {
    var reason: Reason?
    var launched = false
    var finished = false
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let directory: String

  init(directory: String) { self.directory = directory }

  /// Watches on a thread of its own until `finish()`.
  func start(launchLimit: Duration, totalLimit: Duration) {
    let clock = ContinuousClock()
    let launchEnd = clock.now + launchLimit
    let totalEnd = clock.now + totalLimit
    let thread = Thread {
      while !self.state.withLock({ $0.finished }) {
        let now = clock.now
        self.state.withLock { state in
          guard state.reason == nil else { return }
          if now >= totalEnd {
            state.reason = .totalLimit(totalLimit)
          } else if now >= launchEnd, !state.launched {
            state.reason = .launchLimit(launchLimit)
          }
        }
        // Again and again: the process may not have been started yet at the first attempt.
        if self.reason != nil { ApplianceProcess.kill(naming: self.directory) }
        _ = self.wakeUp.wait(timeout: .now() + .milliseconds(250))
      }
    }
    thread.name = "appliance-watchdog"
    thread.start()
  }

  var reason: Reason? { state.withLock { $0.reason } }

  func launched() { state.withLock { $0.launched = true } }

  func cancel() {
    state.withLock { if $0.reason == nil { $0.reason = .cancelled } }
    wakeUp.signal()
  }

  func finish() {
    state.withLock { $0.finished = true }
    wakeUp.signal()
  }

  /// The error that explains why the appliance was stopped, if it was.
  var error: AscendError? {
    switch reason {
    case nil:
      nil
    case .cancelled:
      AscendError("cancelled", "The work on the guest was cancelled")
    case .launchLimit(let limit):
      AscendError(
        "guest.timeLimit", "The appliance did not start within \(limit.components.seconds) seconds",
        remedy: "Look at this computer's load, or run libguestfs-test-tool to see where the start hangs")
    case .totalLimit(let limit):
      AscendError(
        "guest.timeLimit", "The work on the guest was not done within \(limit.components.seconds) seconds",
        remedy: "Look at this computer's load and try again, or restore without guest preparation")
    }
  }
}
