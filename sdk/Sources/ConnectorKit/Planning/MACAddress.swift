import ConnectorProtocol

/// Addresses of network interfaces.
public enum MACAddress {
  /// `00-50-56-AB-CD-EF` as `00:50:56:ab:cd:ef`; nil where it is no address of one interface.
  public static func unicast(_ text: String) -> String? {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    let bytes = parts.compactMap { $0.count == 2 ? UInt8($0, radix: 16) : nil }
    guard bytes.count == 6, parts.count == 6, bytes[0] & 1 == 0, bytes.contains(where: { $0 != 0 }) else { return nil }
    return bytes.map { SHA256.hex([$0]) }.joined(separator: ":")
  }
}
