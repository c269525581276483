import Foundation
import Glibc
import Support

/// A new file of the owner's alone, written at given places.
final class IndexFile {
  private let descriptor: Int32
  private let path: String

  /// - Throws: `disk.indexFailed`.
  init(_ path: String) throws(AscendError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw AscendError.system(
        "disk.indexFailed", "The index of a differencing image cannot be made", object: path, errno: errno,
        remedy: "Check the state's folder, or name another with --state")
    }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8], at offset: Int64) throws(AscendError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        pwrite(descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done, Int(offset) + done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw DiskSpace.error(
          String(cString: strerror(errno)), orElse: "disk.indexFailed",
          "The index of a differencing image cannot be written", at: path)
      }
      done += count
    }
  }

  func extend(to length: Int64) throws(AscendError) {
    guard ftruncate(descriptor, Int(length)) == 0 else {
      throw AscendError.system(
        "disk.indexFailed", "The index of a differencing image cannot be written", object: path, errno: errno)
    }
  }
}
