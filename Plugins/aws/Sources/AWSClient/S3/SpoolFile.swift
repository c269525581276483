import Foundation
import Synchronization

/// A file without a name, gone with its last user however the process ends.
final class SpoolFile: Sendable {
  private let descriptor: Int32

  init(in folder: String) throws {
    var template = Array("\(folder)/ascend-part-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    unlink(template)
  }

  deinit { close(descriptor) }

  func append(_ piece: ArraySlice<UInt8>) throws {
    try piece.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        guard written > 0 else {
          if errno == EINTR { continue }
          throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// Where one reader is.
  final class Place: Sendable {
    private let file: SpoolFile
    private let offset = Mutex<Int64>(0)

    init(_ file: SpoolFile) { self.file = file }

    /// The next bytes; nil at the end.
    func read(upTo count: Int) throws -> Data? {
      try offset.withLock { offset in
        var data = Data(count: count)
        let got = data.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, count, off_t(offset)) }
        guard got >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        offset += Int64(got)
        return got == 0 ? nil : data.prefix(got)
      }
    }
  }
}
