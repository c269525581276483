import CCrypto

/// SHA-512 (FIPS 180-4), by the system's libcrypto: for manifests that are written with it.
public struct SHA512: ~Copyable {
  private var digest = MessageDigest(EVP_sha512())

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    digest.update(bytes)
  }

  /// The 64 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    digest.finish()
  }
}
