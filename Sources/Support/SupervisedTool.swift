import CSpawn
import Foundation
import Glibc
import Synchronization

/// A tool that runs beside the host: its output is seen while it runs, and it cannot outlive the host.
///
/// The tool has a session of its own. A watcher in that session waits on a pipe whose other end only the host holds,
/// and ends the whole session when the pipe closes; so the tool ends with the host, however that ends. (The system's own
/// "parent death signal" would not do: it follows the thread that started the tool, not the process.)
public final class SupervisedTool: Sendable {
  public struct Exit: Sendable {
    /// The exit code, or 128 + the number of the signal that ended it.
    public var code: Int32
    /// The end of standard error.
    public var errorTail: String

    public var lastErrorLine: String {
      errorTail.split(whereSeparator: \.isNewline).last.map(String.init) ?? "exit code \(code)"
    }
  }

  private struct State {
    var exit: Exit?
    var waiters: [CheckedContinuation<Exit, Never>] = []
  }

  // New files and sockets are the owner's alone; the address space is a backstop against a crafted image.
  private static let script = """
    umask 177; ulimit -n 1024; ulimit -v 16777216
    exec 3<&0 </dev/null
    (while read -r _; do :; done; kill -KILL 0) <&3 3<&- >/dev/null 2>&1 &
    exec 3<&-
    exec "$@"
    """

  private let pid: pid_t
  private let state = Mutex(State())

  /// Starts `name`, found on the path.
  ///
  /// - Parameter onOutput: Sees standard output piece by piece, on a thread of its own; a slow one slows the tool.
  /// - Throws: `tool.failed`.
  public init(_ name: String, _ arguments: [String], onOutput: @escaping @Sendable ([UInt8]) -> Void = { _ in })
    throws(AscendError)
  {
    var lifeline: (reading: Int32, writing: Int32) = (-1, -1)
    var output: (reading: Int32, writing: Int32) = (-1, -1)
    var errors: (reading: Int32, writing: Int32) = (-1, -1)
    var number = cspawn_pipe(&lifeline.reading, &lifeline.writing)
    if number == 0 { number = cspawn_pipe(&output.reading, &output.writing) }
    if number == 0 { number = cspawn_pipe(&errors.reading, &errors.writing) }
    var child: pid_t = 0
    if number == 0 {
      number = Self.spawn(
        ["/bin/sh", "-c", Self.script, name, name] + arguments, lifeline.reading, output.writing, errors.writing, &child
      )
    }
    for descriptor in [lifeline.reading, output.writing, errors.writing] where descriptor >= 0 { close(descriptor) }
    guard number == 0 else {
      for descriptor in [lifeline.writing, output.reading, errors.reading] where descriptor >= 0 { close(descriptor) }
      throw AscendError.system("tool.failed", "\(name) could not be started", object: name, errno: number)
    }
    pid = child
    let ends = Ends(lifeline: lifeline.writing, output: output.reading, errors: errors.reading)
    Thread.detachNewThread { self.follow(ends, onOutput) }
  }

  /// Ends the tool and everything that it started, at once.
  public func end() {
    // Under the lock the tool is known to be unreaped, so that its number is still its own.
    state.withLock { state in
      if state.exit == nil { kill(-pid, SIGKILL) }
    }
  }

  /// How the tool ended; nil while it runs.
  public var exit: Exit? { state.withLock(\.exit) }

  /// Waits for the end of the tool; a cancelled task ends it.
  public func wait() async -> Exit {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state -> Exit? in
          if state.exit == nil { state.waiters.append(continuation) }
          return state.exit
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      end()
    }
  }

  private struct Ends: Sendable {
    var lifeline: Int32
    var output: Int32
    var errors: Int32
  }

  private func follow(_ ends: Ends, _ onOutput: @Sendable ([UInt8]) -> Void) {
    var tail: [UInt8] = []
    Self.drain(ends, onOutput) { piece in
      tail.append(contentsOf: piece)
      if tail.count > 16384 { tail.removeFirst(tail.count - 8192) }
    }
    _ = cspawn_await_exit(pid)
    let waiters = state.withLock { state in
      kill(-pid, SIGKILL)  // the watcher
      var code: Int32 = 0
      var signal: Int32 = 0
      _ = cspawn_reap(pid, &code, &signal)
      let exit = Exit(code: signal != 0 ? 128 + signal : code, errorTail: String(decoding: tail, as: UTF8.self))
      state.exit = exit
      defer { state.waiters = [] }
      return state.waiters.map { ($0, exit) }
    }
    close(ends.lifeline)
    for (waiter, exit) in waiters { waiter.resume(returning: exit) }
  }

  /// Reads both pipes until the tool has closed them, which it does by ending.
  private static func drain(_ ends: Ends, _ onOutput: ([UInt8]) -> Void, _ onError: ([UInt8]) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 65536)
    var open = [ends.output, ends.errors]
    while !open.isEmpty {
      var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      if poll(&polled, nfds_t(polled.count), -1) < 0 && errno != EINTR { break }
      for entry in polled where entry.revents != 0 {
        let count = read(entry.fd, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 {
          open.removeAll { $0 == entry.fd }
        } else {
          (entry.fd == ends.output ? onOutput : onError)(Array(buffer[..<count]))
        }
      }
    }
    close(ends.output)
    close(ends.errors)
  }

  private static func spawn(
    _ command: [String], _ input: Int32, _ output: Int32, _ errors: Int32, _ pid: inout pid_t
  ) -> Int32 {
    let environment = ["PATH=\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")", "LC_ALL=C"]
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var stage: Int32 = 0
    return cspawn_start(command[0], &arguments, &variables, "/", input, output, errors, &pid, &stage)
  }
}
