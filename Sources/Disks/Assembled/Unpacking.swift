import CZlib
import Foundation
import Glibc
import Support
import Synchronization

/// Unpacks an image that is compressed as a whole. gzip has no places to begin at, so there is no reading it without.
enum Unpacking {
  /// What is left free on the file system.
  private static let reserveBytes: Int64 = 64 << 20

  /// Writes the unpacked image to `path`, sparse where it has zeros, on a thread of its own.
  ///
  /// - Throws: `disk.tooLarge` where it becomes larger than the backup says the disk is, `disk.noSpace`,
  ///   `disk.corrupt` where it was cut short or changed, `disk.unsupported`, `disk.indexFailed`, `cancelled`.
  static func run(_ layer: ImageLayer, _ compression: FileCompression, to path: String) async throws(AscendError) {
    guard compression.method == "gzip" else {
      throw AscendError(
        "disk.unsupported", "The image is compressed with \"\(compression.method.prefix(40))\"", object: layer.path,
        remedy: "Unpack it beside the descriptor, and correct the descriptor")
    }
    let stopped = Mutex(false)
    let result: Result<Void, AscendError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(
            returning: Result { () throws(AscendError) in
              let window = try FileWindow(layer)
              let output = try IndexFile(path)
              var unpacker = try GzipUnpacker(window, mostBytes: compression.mostBytes)
              var looked: Int64 = 0
              try unpacker.run(isCancelled: { stopped.withLock(\.self) }) { (bytes, offset) throws(AscendError) in
                if offset >= looked {
                  guard try DiskSpace.free(at: path) >= reserveBytes else { throw noSpace(path, after: offset) }
                  looked = offset + reserveBytes / 2
                }
                if bytes.contains(where: { $0 != 0 }) { try output.write(bytes, at: offset) }
              }
              try output.extend(to: unpacker.written)
            })
        }
      }
    } onCancel: {
      stopped.withLock { $0 = true }
    }
    do { try result.get() } catch {
      unlink(path)
      throw error
    }
  }

  private static func noSpace(_ path: String, after bytes: Int64) -> AscendError {
    AscendError(
      "disk.noSpace", "There is no room to unpack a compressed image", object: path,
      cause: "\(Format.bytes(bytes)) are unpacked and it goes on",
      remedy: "Free some space, or put the state on a larger file system with --state")
  }
}

/// The bytes of a gzip file (RFC 1952), of all its members; their checksums and lengths are compared by zlib.
private struct GzipUnpacker {
  private static let pieceBytes = 256 << 10

  private let window: FileWindow
  private let mostBytes: Int64
  private(set) var written: Int64 = 0

  init(_ window: FileWindow, mostBytes: Int64?) throws(AscendError) {
    self.window = window
    self.mostBytes = min(mostBytes ?? .max, ImageGate.largestVirtualSize)
  }

  mutating func run(isCancelled: () -> Bool, _ body: ([UInt8], Int64) throws(AscendError) -> Void) throws(AscendError) {
    var stream = z_stream()
    // 16: with a gzip header, and nothing else.
    guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw damaged("zlib cannot be started")
    }
    defer { inflateEnd(&stream) }
    var position: Int64 = 0
    var ended = true
    while position < window.length {
      let input = try window.read(at: position, count: Self.pieceBytes)
      guard !input.isEmpty else { throw damaged("it ends early") }
      position += Int64(input.count)
      var used = 0
      while used < input.count {
        guard !isCancelled() else {
          throw AscendError("cancelled", "Cancelled while an image was unpacked", object: window.path)
        }
        if ended {
          // Zeros may fill up the last block of a tape; another member begins with its magic number.
          guard input[used] != 0 else {
            used += 1
            continue
          }
          inflateReset(&stream)
          ended = false
        }
        let (output, status) = inflate(&stream, input, &used)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
          throw damaged(status == Z_DATA_ERROR ? "its data or checksum is wrong" : "zlib reports \(status)")
        }
        ended = status == Z_STREAM_END
        if !output.isEmpty { try take(output, body) }
        if output.isEmpty && status == Z_BUF_ERROR { break }
      }
    }
    guard ended else { throw damaged("it ends early") }
  }

  private mutating func take(_ output: [UInt8], _ body: ([UInt8], Int64) throws(AscendError) -> Void)
    throws(AscendError)
  {
    guard written + Int64(output.count) <= mostBytes else {
      throw AscendError(
        "disk.tooLarge", "The compressed image becomes larger than its disk can be", object: window.path,
        cause: "more than \(Format.bytes(mostBytes)) come out of \(Format.bytes(window.length))",
        remedy: "Unpack it yourself if you trust it, and correct the descriptor")
    }
    try body(output, written)
    written += Int64(output.count)
  }

  private func inflate(_ stream: inout z_stream, _ input: [UInt8], _ used: inout Int) -> ([UInt8], Int32) {
    var output = [UInt8](repeating: 0, count: Self.pieceBytes)
    var status = Z_OK
    var left = 0
    var room = 0
    output.withUnsafeMutableBufferPointer { target in
      input.withUnsafeBufferPointer { source in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.advanced(by: used))
        stream.avail_in = UInt32(source.count - used)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        left = Int(stream.avail_in)
        room = Int(stream.avail_out)
      }
    }
    used = input.count - left
    output.removeLast(room)
    return (output, status)
  }

  private func damaged(_ cause: String) -> AscendError {
    AscendError(
      "disk.corrupt", "The compressed image cannot be unpacked", object: window.path, cause: cause,
      remedy: "It was cut short or damaged: copy the backup again")
  }
}
