import Foundation

/// An image that everybody takes for a disk encrypted with LUKS, and nobody can open: a header without key material.
///
/// `qemu-img create -f luks` is no way to get one: it first measures how fast it derives keys, and on a fast or busy
/// processor gives up ("Unable to get accurate CPU usage").
enum EncryptedImage {
  static let uuid = "0b6e8a3c-57a1-4d5e-9f0b-2c1d3e4f5a6b"

  /// Version 1 of the format: fields of fixed length, numbers big-endian.
  static func luksHeader() -> [UInt8] {
    func field(_ text: String, _ length: Int) -> [UInt8] {
      Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
    }
    func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    var header: [UInt8] = Array("LUKS".utf8) + [0xba, 0xbe, 0, 1]
    header += field("aes", 32) + field("xts-plain64", 32) + field("sha256", 32)
    // Where data begins (in sectors), the key's length, its digest and salt, rounds.
    header += number(4096) + number(64) + [UInt8](repeating: 7, count: 52) + number(1000) + field(uuid, 40)
    for slot in 0..<8 {
      // Every key slot is unused.
      header += number(0x0000_dead) + number(0) + [UInt8](repeating: 0, count: 32)
      header += number(UInt32(8 + slot * 504)) + number(4000)
    }
    return header
  }

  static func make(at url: URL, size: Int = 16 << 20) throws {
    let header = luksHeader()
    try Data(header + [UInt8](repeating: 0, count: size - header.count)).write(to: url)
  }
}
