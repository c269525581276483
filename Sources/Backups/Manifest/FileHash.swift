import ConnectorProtocol
import Foundation
import Support

/// Hashes a file or an archive's member while reading it once.
enum FileHash {
  private static let pieceBytes = 1 << 20

  /// - Parameter progress: Gets the bytes read since the last call.
  /// - Throws: `backup.unreadable`, `backup.unsupported`, `cancelled`.
  static func hex(
    _ slice: FileSlice, _ algorithm: RecordedDigest.Algorithm, isCancelled: () -> Bool = { false },
    progress: (Int64) -> Void
  ) throws(AscendError) -> String {
    let digest: [UInt8]
    switch algorithm {
    case .sha1:
      var hash = SHA1()
      try pieces(of: slice, isCancelled, progress) { hash.update($0) }
      digest = hash.finish()
    case .sha256:
      var hash = SHA256()
      try pieces(of: slice, isCancelled, progress) { hash.update($0) }
      digest = hash.finish()
    case .sha512:
      var hash = SHA512()
      try pieces(of: slice, isCancelled, progress) { hash.update($0) }
      digest = hash.finish()
    default:
      throw AscendError(
        "backup.unsupported", "Digests of the kind \(algorithm) are not computed", object: slice.path,
        remedy: "Check the file with the tool that made the digest")
    }
    return SHA256.hex(digest)
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
