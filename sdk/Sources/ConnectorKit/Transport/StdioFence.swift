import Foundation

/// Keeps the conversation to itself: from here on, what the process prints goes to standard error.
///
/// A `print`, or a library that talks, would otherwise put text between the messages: the commonest fault of programs
/// that speak over standard output. Children get neither end of the conversation.
struct StdioFence {
  let input: Int32
  let output: Int32

  /// Call before anything can write. Nil where a descriptor cannot be duplicated.
  static func raise() -> StdioFence? {
    signal(SIGPIPE, SIG_IGN)
    let input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    let output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard input >= 0, output >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else { return nil }
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard nothing >= 0, dup2(nothing, STDIN_FILENO) >= 0 else { return nil }
    if nothing != STDIN_FILENO { close(nothing) }
    return StdioFence(input: input, output: output)
  }
}
