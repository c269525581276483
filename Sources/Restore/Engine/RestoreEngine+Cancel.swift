import Foundation
public import Support

extension RestoreEngine {
  /// Ends a job: one that a process drives is told to stop and waited for; one that nobody drives is rolled back here.
  ///
  /// - Throws: `job.done` for a job that has ended already.
  public func cancel(_ job: RestoreJob, observer: any RestoreObserver) async throws(AscendError) -> RestoreJob {
    guard !job.status.isFinal else {
      throw AscendError(
        "job.done", "The job has ended already", object: job.id, cause: "it is \(job.status.rawValue)",
        remedy: job.status == .failed ? "Remove what it left with `ascend jobs rollback \(job.id)`" : nil)
    }
    try store.updateJob(job.id) { $0.cancelRequested = true }
    while JobLock.isHeld(folder: state.jobFolder(job.id)) {
      do {
        try await Task.sleep(for: .milliseconds(200))
      } catch {
        throw AscendError("cancelled", "The job was told to stop; it was not waited for", object: job.id)
      }
    }
    let now = try store.job(job.id)
    if now.status.isFinal { return now }
    _ = try await rollback(job.id, observer: observer)
    return try store.updateJob(job.id) { $0.status = .cancelled }
  }
}
