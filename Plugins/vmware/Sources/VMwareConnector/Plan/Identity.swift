import ConnectorKit
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
    renew ? nil : source.flatMap(MACAddress.unicast)
  }
}
