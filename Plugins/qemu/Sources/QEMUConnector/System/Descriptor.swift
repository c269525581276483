import CQEMUSystem
import Foundation

/// An open file; closed when the last reference goes. Always close-on-exec.
final class Descriptor: Sendable {
  let number: Int32

  init(owning number: Int32) {
    self.number = number
  }

  deinit {
    close(number)
  }

  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) -> Descriptor {
    let number = Foundation.open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw SystemError("open", path) }
    return Descriptor(owning: number)
  }

  /// A file in memory: takes a child's output without the end-of-file trouble of a pipe that a grandchild holds.
  static func memory() throws -> Descriptor {
    let number = ascend_memory_file()
    guard number >= 0 else { throw SystemError("memfd_create", "a file in memory") }
    return Descriptor(owning: number)
  }

  /// The reading and the writing end.
  static func pipe() throws -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard ascend_pipe(&ends) == 0 else { throw SystemError("pipe2", "a pipe") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  func status(_ path: String) throws -> stat {
    var facts = stat()
    guard fstat(number, &facts) == 0 else { throw SystemError("fstat", path) }
    return facts
  }

  /// Up to `limit` bytes from `offset`; fewer at the end of the file.
  func read(from offset: Int64, limit: Int) throws -> Data {
    var data = Data(count: limit)
    var filled = 0
    while filled < limit {
      let got = data.withUnsafeMutableBytes { buffer in
        pread(number, buffer.baseAddress?.advanced(by: filled), limit - filled, off_t(offset) + off_t(filled))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError("read", "descriptor \(number)") }
      if got == 0 { break }
      filled += got
    }
    return data.prefix(filled)
  }

  func write(_ data: Data) throws {
    var rest = data
    while !rest.isEmpty {
      let put = rest.withUnsafeBytes { Foundation.write(number, $0.baseAddress, $0.count) }
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw SystemError("write", "descriptor \(number)") }
      rest = rest.dropFirst(put)
    }
  }
}
