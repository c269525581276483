import Glibc
import Support

/// Held by the one engine that drives a job: the system lets go of it when that process ends, however it ends, so a job
/// that is not done and whose lock is free was interrupted.
final class JobLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `job.running` where another process holds it.
  init(folder: String, job: String) throws(AscendError) {
    let path = folder + "/lock"
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else {
      throw AscendError.system("job.lock", "The job's lock cannot be opened", object: path, errno: errno)
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(opened)
      if number == EWOULDBLOCK {
        throw AscendError(
          "job.running", "Another process is driving this job", object: job,
          remedy: "Watch it with `ascend jobs watch \(job)`, or end it with `ascend jobs cancel \(job)`")
      }
      throw AscendError.system("job.lock", "The job's lock cannot be taken", object: path, errno: number)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// True where some process holds the lock of the job whose folder this is.
  static func isHeld(folder: String) -> Bool {
    let opened = open(folder + "/lock", O_RDWR | O_CLOEXEC)
    guard opened >= 0 else { return false }
    defer { close(opened) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    return false
  }
}
