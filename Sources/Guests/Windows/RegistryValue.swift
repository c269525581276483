/// A registry value as it lies in a hive: its type and its bytes, little-endian.
struct RegistryValue: Sendable, Hashable {
  /// The numbers that hives use.
  enum Kind: Int64, Sendable, Hashable {
    case string = 1
    case expandString = 2
    case binary = 3
    case dword = 4
    case multiString = 7
  }

  var type: Int64
  var bytes: [UInt8]

  init(type: Int64, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  static func string(_ text: String) -> Self { Self(type: Kind.string.rawValue, bytes: utf16(text)) }
  static func expandString(_ text: String) -> Self { Self(type: Kind.expandString.rawValue, bytes: utf16(text)) }
  static func binary(_ bytes: [UInt8]) -> Self { Self(type: Kind.binary.rawValue, bytes: bytes) }

  static func dword(_ number: UInt32) -> Self {
    Self(type: Kind.dword.rawValue, bytes: (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  static func multiString(_ texts: [String]) -> Self {
    Self(type: Kind.multiString.rawValue, bytes: texts.flatMap(utf16) + [0, 0])
  }

  /// With its ending zero, as Windows stores it.
  private static func utf16(_ text: String) -> [UInt8] {
    (Array(text.utf16) + [0]).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// The number of a DWORD; a few tools write numbers with eight bytes.
  var number: UInt32? {
    guard type == Kind.dword.rawValue || type == 11, bytes.count >= 4 else { return nil }
    return bytes[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The text of a string, up to its first zero.
  var text: String? {
    guard type == Kind.string.rawValue || type == Kind.expandString.rawValue else { return nil }
    return texts.first ?? ""
  }

  /// The strings that zeros divide.
  var texts: [String] {
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    return units.split(separator: 0).map { String(decoding: $0, as: UTF16.self) }
  }
}

extension RegistryValue: CustomStringConvertible {
  /// For the report.
  var description: String {
    if let number { return "\(number)" }
    if let text { return text }
    if type == Kind.multiString.rawValue { return texts.joined(separator: " ") }
    let shown = bytes.prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
    return bytes.count > 16 ? "\(shown) … (\(bytes.count) bytes)" : shown
  }
}
