/// What a network interface of the machine was, and what it will be.
public struct NetworkWish: Sendable, Hashable, Codable {
  /// Its place among the machine's interfaces, from 0.
  public var index: Int
  /// The hardware address that the guest's configuration may be tied to.
  public var oldMAC: String?
  /// The address that it will have; nil where the platform chooses one.
  public var newMAC: String?
  public var addressing: Addressing

  public enum Addressing: Sendable, Hashable, Codable {
    /// As the guest has it.
    case keep
    case dhcp
    /// Addresses in CIDR form.
    case fixed(addresses: [String], gateway: String?, nameServers: [String])
  }

  public init(index: Int, oldMAC: String? = nil, newMAC: String? = nil, addressing: Addressing = .keep) {
    self.index = index
    self.oldMAC = oldMAC.flatMap(Self.normalised)
    self.newMAC = newMAC.flatMap(Self.normalised)
    self.addressing = addressing
  }

  /// Not a sign, which numbers may have.
  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// `00:50:56:aa:bb:cc`; nil for what is no such address.
  static func normalised(_ text: String) -> String? {
    let parts = text.split { $0 == ":" || $0 == "-" }
    let isWhole = parts.count == 6 && parts.allSatisfy { $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }
    guard isWhole else { return nil }
    return parts.joined(separator: ":").lowercased()
  }
}
