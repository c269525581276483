import ConnectorProtocol
import Foundation
import Support

/// Hashes a file or an archive's member while reading it once.
enum FileHash {
  private static let pieceBytes = 1 << 20

  /// - Parameter progress: Gets the bytes read since the last call.
  /// - Throws: `backup.unreadable`, `cancelled`.
  static func hex(
    _ slice: FileSlice, _ algorithm: RecordedDigest.Algorithm, isCancelled: () -> Bool = { false },
    progress: (Int64) -> Void
  ) throws(AscendError) -> String {
    var sha1 = SHA1()
    var sha256 = SHA256()
    try pieces(of: slice, isCancelled, progress) { bytes in
      if algorithm == .sha1 { sha1.update(bytes) } else { sha256.update(bytes) }
    }
    let digest = algorithm == .sha1 ? sha1.finish() : sha256.finish()
    return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func pieces(
    of slice: FileSlice, _ isCancelled: () -> Bool, _ progress: (Int64) -> Void,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(AscendError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4096)
    defer { buffer.deallocate() }
    var position: Int64 = 0
    while true {
      guard !isCancelled() else {
        throw AscendError("cancelled", "Cancelled while a digest was checked", object: slice.path)
      }
      let count = try slice.fill(buffer, at: position)
      if count == 0 { return }
      body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      position += Int64(count)
      progress(Int64(count))
    }
  }
}
