import CCrypto

/// A digest over one stream, by the system's libcrypto: `update` any number of times, then `finish` once.
struct MessageDigest: ~Copyable {
  private let context: OpaquePointer
  private let byteCount: Int

  /// - Parameter algorithm: `EVP_sha256()` and its kind.
  init(_ algorithm: OpaquePointer?) {
    guard let algorithm, let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
      preconditionFailure("libcrypto does not offer the digest, or memory ran out")
    }
    self.context = context
    byteCount = Int(EVP_MD_get_size(algorithm))
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "digest used after it was finished")
  }

  consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "digest finished twice")
    return digest
  }
}
