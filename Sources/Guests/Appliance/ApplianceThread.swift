import Foundation
import Synchronization

/// Runs an actor's work on a thread of its own.
///
/// Calls into libguestfs block for seconds and a handle belongs to one thread at a time; on the shared pool a few
/// appliances would stop everything else in the process.
final class ApplianceThread: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var running = false
    var stopped = false
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let name: String

  init(name: String) { self.name = name }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let startThread = state.withLock { state in
      state.jobs.append(job)
      defer { state.running = true }
      return !state.running
    }
    wakeUp.signal()
    if startThread { start() }
  }

  /// Lets the thread end once its work is done. Work that still arrives later gets a short-lived thread.
  func stop() {
    state.withLock { $0.stopped = true }
    wakeUp.signal()
  }

  private func start() {
    let thread = Thread { self.work() }
    thread.name = name
    thread.stackSize = 2 << 20
    thread.start()
  }

  private func work() {
    while true {
      let (job, ended) = state.withLock { state -> (UnownedJob?, Bool) in
        guard state.jobs.isEmpty else { return (state.jobs.removeFirst(), false) }
        if state.stopped { state.running = false }
        return (nil, state.stopped)
      }
      if let job {
        job.runSynchronously(on: asUnownedSerialExecutor())
      } else if ended {
        return
      } else {
        wakeUp.wait()
      }
    }
  }
}
