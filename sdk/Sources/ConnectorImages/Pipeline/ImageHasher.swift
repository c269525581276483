import ConnectorProtocol

/// The digests of an image's bytes, as they pass.
struct ImageHasher: ~Copyable {
  private var sha1: SHA1?
  private var sha256: SHA256?

  init(_ digests: Set<ImageDigest>) {
    if digests.contains(.sha1) { sha1 = SHA1() }
    if digests.contains(.sha256) { sha256 = SHA256() }
  }

  mutating func update(_ piece: [UInt8]) {
    piece.withUnsafeBytes { bytes in
      sha1?.update(bytes)
      sha256?.update(bytes)
    }
  }

  /// The digests; what comes after is in none.
  mutating func finish() -> [ImageDigest: String] {
    var digests: [ImageDigest: String] = [:]
    if let digest = sha1.take() { digests[.sha1] = SHA256.hex(digest.finish()) }
    if let digest = sha256.take() { digests[.sha256] = SHA256.hex(digest.finish()) }
    return digests
  }
}
