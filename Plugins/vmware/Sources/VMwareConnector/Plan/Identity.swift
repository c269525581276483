import ConnectorProtocol
import Foundation

/// The machine's UUID and MAC addresses: the source's where they are to be kept, else the server's own making.
struct Identity: Sendable {
  /// True where the source's are not to be used.
  var renew: Bool

  func uuid(_ source: String?) -> String? {
    guard !renew, let source, let uuid = UUID(uuidString: source) else { return nil }
    return uuid.uuidString.lowercased()
  }

  func mac(_ source: String?) -> String? {
    renew ? nil : source.flatMap(Self.unicast)
  }

  /// `00-50-56-AB-CD-EF` as `00:50:56:ab:cd:ef`; nil where it is no address of one interface.
  static func unicast(_ text: String) -> String? {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    let bytes = parts.compactMap { $0.count == 2 ? UInt8($0, radix: 16) : nil }
    guard bytes.count == 6, parts.count == 6, bytes[0] & 1 == 0, bytes.contains(where: { $0 != 0 }) else { return nil }
    return bytes.map { SHA256.hex([$0]) }.joined(separator: ":")
  }
}
