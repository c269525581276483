import CCrypto
public import Foundation

/// SHA-256 (FIPS 180-4), by the system's libcrypto.
///
/// One value hashes one stream: `update` any number of times, then `finish` once.
public struct SHA256: ~Copyable {
  public static let byteCount = 32

  private var digest = MessageDigest(EVP_sha256())

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    digest.update(bytes)
  }

  public mutating func update(_ data: Data) {
    data.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    digest.finish()
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
