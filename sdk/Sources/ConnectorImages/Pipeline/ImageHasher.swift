import ConnectorProtocol

/// The digests of an image's bytes, as they pass.
struct ImageHasher: ~Copyable {
  private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

  private var sha1: SHA1?
  private var sha256: SHA256?

  init(_ digests: Set<ImageDigest>) {
    if digests.contains(.sha1) { sha1 = SHA1() }
    if digests.contains(.sha256) { sha256 = SHA256() }
  }

  /// - Throws: `CancellationError`: a hole may be of terabytes.
  mutating func update(_ piece: ImagePiece) throws {
    switch piece {
    case .bytes(let bytes): bytes.withUnsafeBytes { update($0) }
    case .zeros(var count):
      guard sha1 != nil || sha256 != nil else { return }
      while count > 0 {
        try Task.checkCancellation()
        let step = min(count, Int64(Self.zeros.count))
        Self.zeros.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[..<Int(step)])) }
        count -= step
      }
    }
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    sha1?.update(bytes)
    sha256?.update(bytes)
  }

  /// The digests; what comes after is in none.
  mutating func finish() -> [ImageDigest: String] {
    var digests: [ImageDigest: String] = [:]
    if let digest = sha1.take() { digests[.sha1] = SHA256.hex(digest.finish()) }
    if let digest = sha256.take() { digests[.sha256] = SHA256.hex(digest.finish()) }
    return digests
  }
}
