public import ConnectorProtocol
import Foundation

/// A raw image in a file, sparse: what is not written, or is all zeros, takes no space.
public final class RawFileSink: DiskSink {
  public let path: String
  public let sizeBytes: Int64
  private let descriptor: Int32
  private let writeBehind: WriteBehind

  /// Zeros in a chunk are left out in steps of this many bytes.
  private static let sparseStep = 64 << 10

  /// Makes the file, or opens that of an earlier attempt.
  ///
  /// - Parameter through: The checkpoint's: the file's bytes before it are kept, all others are made zeros, because an
  ///   earlier attempt may have written there what a later one would skip. 0 empties the file.
  /// - Throws: `existsIncompatible` where a larger file is in the way, `staleCheckpoint` where there is less than the
  ///   checkpoint says, `capacityExhausted`, `platformTaskFailed`.
  public init(path: String, sizeBytes: Int64, resumingFrom through: Int64 = 0) throws(ConnectorError) {
    self.path = path
    self.sizeBytes = sizeBytes
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.fault("open", path, bytes: nil) }
    writeBehind = WriteBehind(descriptor: descriptor)
    do {
      try Self.prepare(descriptor, path, sizeBytes, through)
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// A sink over a descriptor that is prepared already, and is closed with it.
  init(path: String, sizeBytes: Int64, descriptor: Int32) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.descriptor = descriptor
    writeBehind = WriteBehind(descriptor: descriptor)
  }

  deinit { close(descriptor) }

  private static func prepare(
    _ descriptor: Int32, _ path: String, _ size: Int64, _ through: Int64
  ) throws(ConnectorError) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw fault("examine", path, bytes: nil) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw ConnectorError(
        .existsIncompatible, "\(path) exists and is no regular file.", remedy: "Choose another path.", outcome: .none)
    }
    guard facts.st_size <= size else {
      throw ConnectorError(
        .existsIncompatible, "\(path) exists and has \(facts.st_size) bytes, more than the disk's \(size).",
        remedy: "Remove it if it is not needed, or choose another path.", outcome: .none)
    }
    guard facts.st_size >= through else {
      throw ConnectorError(
        .staleCheckpoint, "\(path) has \(facts.st_size) bytes, but \(through) had been written by the checkpoint.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    // Cutting the file at the checkpoint and growing it again leaves a hole behind the checkpoint.
    guard ftruncate(descriptor, off_t(through)) == 0, ftruncate(descriptor, off_t(size)) == 0 else {
      throw fault("set the size of", path, bytes: size)
    }
  }

  public func write(_ chunk: DiskChunk) throws {
    try write(chunk.bytes, at: chunk.offset)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ConnectorError) {
    // Runs of steps that hold data are written in one call each.
    var start = 0
    while start < bytes.count {
      var end = start
      var data = false
      while end < bytes.count {
        let next = min(end + Self.sparseStep, bytes.count)
        let hasData = !DiskChunk.isZero(UnsafeRawBufferPointer(rebasing: bytes[end..<next]))
        if end == start { data = hasData }
        guard hasData == data else { break }
        end = next
      }
      if data {
        let first = off_t(offset) + start
        try writeAll(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: first)
        writeBehind.wrote(first..<first + (end - start))
      }
      start = end
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: off_t) throws(ConnectorError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.fault("write to", path, bytes: Int64(bytes.count - done)) }
      done += count
    }
  }

  public func flush() throws {
    guard fdatasync(descriptor) == 0 else { throw Self.fault("make durable", path, bytes: nil) }
  }

  private static func fault(_ action: String, _ path: String, bytes: Int64?) -> ConnectorError {
    let number = errno
    let why = String(cString: strerror(number))
    guard number == ENOSPC || number == EDQUOT || number == EFBIG else {
      return ConnectorError(
        .platformTaskFailed, "Could not \(action) \(path): \(why)",
        remedy: "Check that the folder exists, may be written to and is in order.", outcome: .partial)
    }
    return ConnectorError(
      .capacityExhausted, "Could not \(action) \(path): \(why)\(bytes.map { "; \($0) bytes more are needed" } ?? "").",
      remedy: "Free space there, or choose another storage.", outcome: .partial,
      details: bytes.map { ["path": .string(path), "bytesNeeded": .integer($0)] } ?? ["path": .string(path)])
  }
}
