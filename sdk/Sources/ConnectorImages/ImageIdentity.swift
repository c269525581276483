import ConnectorProtocol
import Foundation

/// Identifiers that follow from what an image is of: the same disk makes the same bytes.
enum ImageIdentity {
  /// The 16 bytes of a UUID of version 8, in the order of its text.
  ///
  /// - Parameter words: What it is to differ by.
  static func uuid(_ words: String...) -> [UInt8] {
    var bytes = Array(SHA256.hash(Data(words.joined(separator: "\n").utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x80
    bytes[8] = bytes[8] & 0x3f | 0x80
    return bytes
  }

  /// The same as Microsoft's structures store it: the first three fields with the low byte first.
  static func mixed(_ uuid: [UInt8]) -> [UInt8] {
    [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map { uuid[$0] }
  }

  /// A GUID from its text, which is a constant of ours, as Microsoft's structures store it.
  static func mixed(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != "-" }
    let bytes = stride(from: 0, to: 32, by: 2).map { at -> UInt8 in
      let start = digits.index(digits.startIndex, offsetBy: at)
      return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0
    }
    return mixed(bytes)
  }
}
