import Dispatch
import Foundation
import Synchronization

/// Runs tasks on a thread of its own, so that calls that block keep none of the concurrency runtime's few threads.
final class ThreadExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var stopped = false
  }

  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  init(name: String) {
    let thread = Thread { [self] in loop() }
    thread.name = name
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    wake.signal()
  }

  /// Ends the thread once it has run what it was given.
  func stop() {
    state.withLock { $0.stopped = true }
    wake.signal()
  }

  private func loop() {
    while true {
      let (jobs, stopped) = state.withLock { state in
        defer { state.jobs = [] }
        return (state.jobs, state.stopped)
      }
      for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
      if jobs.isEmpty {
        if stopped { return }
        wake.wait()
      }
    }
  }
}
