/// Hardware addresses in the one form that the machine description has.
enum MACAddress {
  /// Twelve hexadecimal digits with or without separators, as `00:50:56:ab:cd:ef`.
  static func normal(_ text: String) -> String? {
    let digits = text.lowercased().filter { !":-.".contains($0) }
    guard digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit) else { return nil }
    return stride(from: 0, to: 12, by: 2).map { String(digits.dropFirst($0).prefix(2)) }.joined(separator: ":")
  }
}
