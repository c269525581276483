public import Foundation

extension Process {
  /// Waits until the process has ended; its exit code, or the number of the signal that ended it.
  ///
  /// With the kernel's help, unlike `waitUntilExit`: Foundation waits for the end of a socket that whatever else was
  /// started in the same moment may hold too: a server of another test would make it wait for ever. Blocks its thread.
  @discardableResult
  public func waitForEnd() -> Int32 {
    var info = siginfo_t()
    var result: Int32
    repeat {
      result = waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT)
    } while result != 0 && errno == EINTR
    guard result == 0 else {
      // Foundation has taken its status already.
      waitUntilExit()
      return terminationStatus
    }
    return info._sifields._sigchld.si_status
  }
}
