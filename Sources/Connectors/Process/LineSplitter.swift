import Foundation
import Glibc

/// Cuts a stream of bytes into lines at 0x0A, and at nothing else.
///
/// Memory stays under `limit`: what follows in a line that is longer is dropped up to its end.
struct LineSplitter {
  enum Line: Equatable {
    /// Without its newline, and without a carriage return before that.
    case whole(Data)
    /// The first bytes of a line that is too long, reported once.
    case oversized(Data)
  }

  let limit: Int
  private var pending = Data()
  private var isSkipping = false

  init(limit: Int) {
    self.limit = limit
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while start < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      let newline = Self.newline(in: rest)
      take(UnsafeRawBufferPointer(rebasing: rest[..<(newline ?? rest.count)]), into: &lines)
      guard let newline else { break }
      if !isSkipping { lines.append(.whole(finished())) }
      isSkipping = false
      pending.removeAll()
      start += newline + 1
    }
    return lines
  }

  /// What follows the last newline, at the end of the stream.
  mutating func finish() -> Data? {
    defer { pending.removeAll() }
    return pending.isEmpty || isSkipping ? nil : pending
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer, into lines: inout [Line]) {
    guard !isSkipping else { return }
    let room = limit - pending.count
    pending.append(contentsOf: bytes.prefix(room))
    if bytes.count > room {
      lines.append(.oversized(pending))
      pending.removeAll()
      isSkipping = true
    }
  }

  private static func newline(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress, let found = memchr(start, 0x0A, bytes.count) else { return nil }
    return UnsafeRawPointer(found) - start
  }

  private func finished() -> Data {
    pending.last == 0x0D ? pending.dropLast() : pending
  }
}
