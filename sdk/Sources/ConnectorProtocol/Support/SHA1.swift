import CCrypto

/// SHA-1 (FIPS 180-4), by the system's libcrypto: for the manifests of older backups. It tells damage, not forgery.
public struct SHA1: ~Copyable {
  private var digest = MessageDigest(EVP_sha1())

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    digest.update(bytes)
  }

  /// The 20 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    digest.finish()
  }
}
