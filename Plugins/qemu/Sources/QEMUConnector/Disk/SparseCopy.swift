import CQEMUSystem
import Foundation

/// Copies the data of a file and leaves its holes out.
struct SparseCopy: Sendable {
  static let step = 1 << 20

  var input: Descriptor
  var output: Descriptor
  var size: Int64
  /// The output's, for errors.
  var path: String

  /// Bytes that were copied. `report` is told how far it is and how much of that was holes; what it throws ends it.
  func run(_ report: (_ done: Int64, _ skipped: Int64) throws -> Void) throws -> Int64 {
    var moved: Int64 = 0
    var offset: Int64 = 0
    while offset < size {
      let data = Int64(ascend_next_data(input.number, off_t(offset)))
      if data < 0 {
        guard errno == ENXIO else { throw SystemError("seek", path) }
        break
      }
      let hole = Int64(ascend_next_hole(input.number, off_t(data)))
      guard hole > data else { throw SystemError("seek", path) }
      offset = data
      let end = min(hole, size)
      while offset < end {
        let bytes = try input.read(from: offset, limit: Int(min(Int64(Self.step), end - offset)))
        guard !bytes.isEmpty else { throw SystemError("read", path, number: EIO) }
        try write(bytes, at: offset)
        offset += Int64(bytes.count)
        moved += Int64(bytes.count)
        try report(offset, offset - moved)
      }
    }
    guard ftruncate(output.number, off_t(size)) == 0 else { throw SystemError("truncate", path) }
    try report(size, size - moved)
    return moved
  }

  private func write(_ bytes: Data, at offset: Int64) throws {
    try bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = pwrite(
          output.number, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset) + off_t(done))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw SystemError("write", path) }
        done += count
      }
    }
  }
}
