import Foundation

/// Waits for programs.
enum ChildProcess {
  /// The status of a process at its end, by the kernel's word: Foundation waits for the end of a socket that other
  /// programs, started in the same moment, may hold too.
  static func wait(_ process: Process) -> Int32 {
    var info = siginfo_t()
    var result: Int32
    repeat {
      result = waitid(P_PID, id_t(process.processIdentifier), &info, WEXITED | WNOWAIT)
    } while result != 0 && errno == EINTR
    guard result == 0 else {
      process.waitUntilExit()
      return process.terminationStatus
    }
    return info._sifields._sigchld.si_status
  }
}
