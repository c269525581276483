import CNBD
import ConnectorProtocol
import Foundation

/// Errors of libnbd as errors of the protocol.
enum NBDFault {
  enum Role {
    /// The host's export, which is read.
    case source
    /// A server of the connector's own, which is written to.
    case target
  }

  /// The newest error of this thread.
  ///
  /// - Parameter action: What failed, up to the URI: `read at byte 0 of`.
  static func error(_ action: String, _ uri: String, _ role: Role) -> ConnectorError {
    let number = nbd_get_errno()
    let why = nbd_get_error().map { String(cString: $0) } ?? "the reason is not known"
    switch role {
    case .source:
      return ConnectorError(
        .sourceUnavailable, "Could not \(action) \(uri): \(why)",
        remedy: "The host exports the disk again and repeats the operation.")
    case .target where number == ENOSPC:
      return ConnectorError(
        .capacityExhausted, "Could not \(action) \(uri): there is no space left. \(why)",
        remedy: "Free space where the disk is stored, then repeat the operation.", outcome: .partial)
    case .target:
      return ConnectorError(
        .platformUnavailable, "Could not \(action) \(uri): \(why)",
        remedy: "Repeat the operation; if it fails again, see the log of the server.", outcome: .partial)
    }
  }
}
