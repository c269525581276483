import Foundation
import Synchronization

/// Writes whole lines to a file descriptor, one at a time.
///
/// The lock is held while a line is written, so that lines of different threads never mix. A reader that has gone away
/// (EPIPE) silences the writer: the end of the input tells the rest of the process.
final class LineWriter: Sendable {
  private let descriptor: Int32
  private let open = Mutex(true)

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Writes `line` and a newline; `line` holds none itself. False when nobody reads any more.
  @discardableResult
  func write(_ line: Data) -> Bool {
    open.withLock { open in
      guard open else { return false }
      var bytes = line
      bytes.append(0x0A)
      open = bytes.withUnsafeBytes { writeAll($0) }
      return open
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0 && errno == EAGAIN {
        // The host may have made the pipe non-blocking: wait until there is room.
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
      } else if count < 0 && errno == EINTR {
        continue
      } else {
        return false
      }
    }
    return true
  }
}
