import Foundation

/// A running connector: its three pipes and its end. What it writes is handed on by threads of their own.
///
/// `@unchecked Sendable`: all mutable state is read and written under `condition`.
final class ConnectorProcess: @unchecked Sendable {
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  let pid: pid_t
  private let condition = NSCondition()
  private var input: Int32
  private var end: End?
  private var openStreams = 2
  private var stopped = false

  init(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String,
    output: @escaping @Sendable ([UInt8]) -> Void, errors: @escaping @Sendable ([UInt8]) -> Void
  ) throws {
    let child = try Spawn.start(program, arguments, environment: environment, folder: folder)
    pid = child.pid
    input = child.input
    _ = fcntl(input, F_SETFL, fcntl(input, F_GETFL) | O_NONBLOCK)
    Thread.detachNewThread { self.drain(child.output, output) }
    Thread.detachNewThread { self.drain(child.errors, errors) }
    Thread.detachNewThread { self.reap() }
  }

  private func drain(_ descriptor: Int32, _ deliver: ([UInt8]) -> Void) {
    Signals.blockBrokenPipe()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // A grandchild may hold the pipe for ever, so the end of the connector itself must end this too.
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let polled = poll(&ready, 1, 100)
      if polled == 0, condition.withLock({ stopped }) { break }
      guard polled > 0 else { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 {
        deliver(Array(buffer[..<count]))
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    close(descriptor)
    condition.withLock {
      openStreams -= 1
      condition.broadcast()
    }
  }

  private func reap() {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    condition.withLock {
      end = status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f)
      condition.broadcast()
    }
  }

  /// Writes all of `bytes`; false where the connector does not take them in time, or is gone.
  func write(_ bytes: [UInt8], seconds: Double) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(input, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno == EAGAIN {
        guard Date() < deadline else { return false }
        var ready = pollfd(fd: input, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, 50)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  func closeInput() {
    guard input >= 0 else { return }
    close(input)
    input = -1
  }

  func signal(_ number: Int32) {
    // The group outlives its leader where a child of the connector still runs.
    if Foundation.kill(-pid, number) != 0 { _ = Foundation.kill(pid, number) }
  }

  /// How it ended, once its streams are drained too; nil where it still runs after `seconds`.
  func waitForEnd(seconds: Double) -> End? {
    let deadline = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while end == nil {
        guard condition.wait(until: deadline) else { return end }
      }
      let drained = Date(timeIntervalSinceNow: 0.5)
      while openStreams > 0, condition.wait(until: drained) {}
      return end
    }
  }

  var hasEnded: Bool { condition.withLock { end != nil } }

  /// Ends it whatever it does.
  func kill() {
    closeInput()
    if !hasEnded { signal(SIGKILL) }
    _ = waitForEnd(seconds: 2)
    condition.withLock { stopped = true }
  }
}

enum Signals {
  /// Keeps a write to a connector that is gone from ending this whole process: for the calling thread only.
  static func blockBrokenPipe() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
