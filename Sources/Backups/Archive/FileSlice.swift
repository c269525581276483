import Foundation
import Glibc
import Support

/// A file of a backup, or a member of its archive: read at given places, never beyond its end.
final class FileSlice {
  let path: String
  let length: Int64
  private let start: Int64
  private let descriptor: Int32

  /// - Throws: `backup.unreadable`.
  init(_ path: String, offset: Int64 = 0, length: Int64? = nil) throws(AscendError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw AscendError.system(
        "backup.unreadable", "The backup cannot be read", object: path, errno: errno,
        remedy: "Check the path and the rights of this account on it")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      offset >= 0, offset <= Int64(status.st_size)
    else {
      close(descriptor)
      throw AscendError(
        "backup.unreadable", "The backup cannot be read", object: path,
        cause: "it is no regular file, or was cut short",
        remedy: "Name the backup's file or its folder")
    }
    self.path = path
    self.start = offset
    self.length = min(length ?? .max, Int64(status.st_size) - offset)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Up to `count` bytes at `offset`; fewer where the slice ends.
  func read(at offset: Int64, count: Int) throws(AscendError) -> [UInt8] {
    guard offset >= 0, offset < length, count > 0 else { return [] }
    let wanted = Int(min(Int64(count), length - offset))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
    defer { buffer.deallocate() }
    let filled = try fill(buffer, at: offset)
    return Array(buffer.prefix(filled))
  }

  /// Fills as much of `buffer` as the slice has from `offset` on.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(AscendError) -> Int {
    let wanted = Int(min(Int64(buffer.count), max(0, length - offset)))
    var filled = 0
    while filled < wanted {
      let got = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, Int(start + offset) + filled)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw AscendError.system("backup.unreadable", "The backup cannot be read", object: path, errno: errno)
      }
      if got == 0 { break }
      filled += got
    }
    return filled
  }
}
