/// The few facts of a PE file (`.sys`, `.exe`) that tell whether it can run on a machine.
struct PortableExecutable: Sendable, Hashable {
  /// As in the file's header: 0x8664 for amd64.
  var machine: UInt16
  /// Whether a signature is embedded. A catalog may sign it as well.
  var isSigned: Bool

  /// - Returns: Nil for what is no PE file.
  init?(_ bytes: [UInt8]) {
    func word(_ offset: Int) -> UInt16? {
      guard offset >= 0, offset + 2 <= bytes.count else { return nil }
      return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }
    func long(_ offset: Int) -> UInt32? {
      guard let low = word(offset), let high = word(offset + 2) else { return nil }
      return UInt32(low) | UInt32(high) << 16
    }
    guard word(0) == 0x5a4d, let start = long(0x3c).map(Int.init), start <= 1 << 20, long(start) == 0x0000_4550,
      let machine = word(start + 4)
    else { return nil }
    self.machine = machine
    // The fifth entry of the data directories is the certificate table; they start where the width of addresses says.
    let optional = start + 24
    let directories = optional + (word(optional) == 0x20b ? 112 : 96)
    let count = long(directories - 4) ?? 0
    isSigned = count > 4 && (long(directories + 4 * 8 + 4) ?? 0) > 0
  }
}
