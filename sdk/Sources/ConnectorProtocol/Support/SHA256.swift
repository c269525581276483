import CCrypto
public import Foundation

/// SHA-256 (FIPS 180-4), by the system's libcrypto.
///
/// One value hashes one stream: `update` any number of times, then `finish` once.
public struct SHA256: ~Copyable {
  public static let byteCount = 32

  private let context: OpaquePointer

  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256, or memory ran out")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-256 used after it was finished")
  }

  public mutating func update(_ data: Data) {
    data.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "SHA-256 finished twice")
    return digest
  }

  public static func hash(_ data: Data) -> [UInt8] {
    var hash = SHA256()
    hash.update(data)
    return hash.finish()
  }

  /// The digest as 64 lower-case hexadecimal digits.
  public static func hex(_ data: Data) -> String {
    hex(hash(data))
  }

  /// Any bytes as lower-case hexadecimal digits.
  public static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
