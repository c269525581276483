/// A range of IPv4 addresses.
struct CIDR: Hashable, Sendable {
  var base: UInt32
  var prefix: Int

  /// `10.0.0.0/24`; nil where it is none.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = Self.address(String(parts[0])), let prefix = Int(parts[1]),
      (0...32).contains(prefix)
    else { return nil }
    self.base = prefix == 0 ? 0 : base & (UInt32.max << UInt32(32 - prefix))
    self.prefix = prefix
  }

  static func address(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), let byte = UInt8(part) else { return nil }
      value = value << 8 | UInt32(byte)
    }
    return value
  }

  /// True for an address that a machine can have there: AWS keeps the first four and the last.
  func offers(_ address: UInt32) -> Bool {
    let size = UInt64(1) << UInt64(32 - prefix)
    guard address >= base, UInt64(address) < UInt64(base) + size else { return false }
    let place = UInt64(address - base)
    return place >= 4 && place < size - 1
  }
}
