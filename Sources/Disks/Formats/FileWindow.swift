import Foundation
import Glibc
import Support

/// A regular file, or a part of one, read at given places and never beyond its end.
final class FileWindow {
  private let descriptor: Int32
  private let start: Int64
  let path: String
  /// The bytes of the window.
  let length: Int64

  /// Opens `path`, which must be a regular file: a FIFO or a device in a backup's folder is never opened for reading.
  ///
  /// - Throws: `disk.unreadable`, `disk.truncated`.
  init(_ path: String, offset: Int64? = nil, length: Int64? = nil) throws(AscendError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw AscendError.system(
        "disk.unreadable", "The image cannot be read", object: path, errno: errno,
        remedy: "Check the path and the rights of this account on it")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw AscendError(
        "disk.unreadable", "The image is no regular file", object: path,
        remedy: "A backup's disks must be plain files")
    }
    let size = Int64(status.st_size)
    let start = offset ?? 0
    let wanted = length ?? size - start
    guard start >= 0, wanted >= 0, start <= size, wanted <= size - start else {
      close(descriptor)
      throw AscendError(
        "disk.truncated", "The file ends before the image in it does", object: path,
        cause: "\(wanted) bytes wanted at \(start), the file has \(size)",
        remedy: "The backup was cut short: copy it again")
    }
    self.descriptor = descriptor
    self.path = path
    self.start = start
    self.length = wanted
  }

  deinit { close(descriptor) }

  /// Up to `count` bytes at `offset`; fewer, or none, where the window ends.
  func read(at offset: Int64, count: Int) throws(AscendError) -> [UInt8] {
    guard offset >= 0, offset < length, count > 0 else { return [] }
    let wanted = Int(min(Int64(count), length - offset))
    var bytes = [UInt8](repeating: 0, count: wanted)
    var filled = 0
    while filled < wanted {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, Int(start + offset) + filled)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw AscendError.system("disk.unreadable", "The image cannot be read", object: path, errno: errno)
      }
      if got == 0 { break }
      filled += got
    }
    return filled == wanted ? bytes : Array(bytes.prefix(filled))
  }
}

extension Array where Element == UInt8 {
  /// The unsigned number at `offset`, or nil beyond the end.
  func integer<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type, at offset: Int, bigEndian: Bool) -> T? {
    let width = MemoryLayout<T>.size
    guard offset >= 0, offset <= count - width else { return nil }
    var value: T = 0
    for index in 0..<width {
      value = value << 8 | T(self[offset + (bigEndian ? index : width - 1 - index)])
    }
    return value
  }

  func starts(with text: String) -> Bool { starts(with: Array(text.utf8)) }
}
