/// A GUID as Microsoft's formats store it: the first three fields with the low byte first.
struct GUID: Hashable, Sendable {
  /// Lower-case, with dashes.
  let text: String

  init?(_ bytes: [UInt8], at offset: Int) {
    guard offset >= 0, offset <= bytes.count - 16 else { return nil }
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    let digits = order.map { index in
      let byte = bytes[offset + index]
      return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    text =
      digits[0..<4].joined() + "-" + digits[4..<6].joined() + "-" + digits[6..<8].joined() + "-"
      + digits[8..<10].joined() + "-" + digits[10...].joined()
  }

  /// `{…}` or without the braces, in any case.
  init?(_ written: String) {
    let plain = written.lowercased().filter { $0 != "{" && $0 != "}" }
    let lengths = plain.split(separator: "-", omittingEmptySubsequences: false).map(\.count)
    guard lengths == [8, 4, 4, 4, 12], plain.allSatisfy({ $0.isHexDigit || $0 == "-" }) else { return nil }
    text = plain
  }

  var isZero: Bool { text.allSatisfy { $0 == "0" || $0 == "-" } }
}
