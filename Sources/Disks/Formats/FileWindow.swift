import Foundation
import Glibc
import Support

/// A regular file, a part of one, or several parts one after the other: read at given places, never beyond the end.
final class FileWindow {
  private struct Part {
    var descriptor: Int32
    var start: Int64
    var length: Int64
  }

  private var parts: [Part] = []
  let path: String
  /// The bytes of the window.
  private(set) var length: Int64 = 0

  /// Opens `path`, which must be a regular file: a FIFO or a device in a backup's folder is never opened for reading.
  ///
  /// - Throws: `disk.unreadable`, `disk.truncated`.
  init(_ path: String, offset: Int64? = nil, length: Int64? = nil) throws(AscendError) {
    self.path = path
    try add(path, offset, length)
  }

  /// The bytes of a layer's image as they stand in the backup, its pieces joined.
  convenience init(_ layer: ImageLayer) throws(AscendError) {
    guard let pieces = layer.pieces, let first = pieces.first else {
      try self.init(layer.path, offset: layer.offset, length: layer.length)
      return
    }
    try self.init(first.path, offset: first.offset, length: first.length)
    for piece in pieces.dropFirst() { try add(piece.path, piece.offset, piece.length) }
  }

  deinit { for part in parts { close(part.descriptor) } }

  private func add(_ path: String, _ offset: Int64?, _ length: Int64?) throws(AscendError) {
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
    let (end, overflow) = self.length.addingReportingOverflow(wanted)
    guard start >= 0, wanted >= 0, start <= size, wanted <= size - start, !overflow else {
      close(descriptor)
      throw AscendError(
        "disk.truncated", "The file ends before the image in it does", object: path,
        cause: "\(wanted) bytes wanted at \(start), the file has \(size)",
        remedy: "The backup was cut short: copy it again")
    }
    parts.append(Part(descriptor: descriptor, start: start, length: wanted))
    self.length = end
  }

  /// Up to `count` bytes at `offset`; fewer, or none, where the window ends.
  func read(at offset: Int64, count: Int) throws(AscendError) -> [UInt8] {
    guard offset >= 0, offset < length, count > 0 else { return [] }
    let wanted = Int(min(Int64(count), length - offset))
    var bytes = [UInt8](repeating: 0, count: wanted)
    var filled = 0
    var first: Int64 = 0
    for part in parts where filled < wanted {
      defer { first += part.length }
      let place = offset + Int64(filled) - first
      guard place >= 0, place < part.length else { continue }
      let here = Int(min(Int64(wanted - filled), part.length - place))
      var done = 0
      while done < here {
        let got = bytes.withUnsafeMutableBytes { buffer in
          pread(part.descriptor, buffer.baseAddress?.advanced(by: filled), here - done, Int(part.start + place) + done)
        }
        if got < 0 && errno == EINTR { continue }
        guard got >= 0 else {
          throw AscendError.system("disk.unreadable", "The image cannot be read", object: path, errno: errno)
        }
        if got == 0 { return Array(bytes.prefix(filled)) }
        done += got
        filled += got
      }
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
