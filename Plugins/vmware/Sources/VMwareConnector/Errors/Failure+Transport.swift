import ConnectorHTTP
import ConnectorProtocol

extension Failure {
  /// A request that got no answer.
  ///
  /// - Parameter isHost: True where it went to a host that the server had named, and not to the target's own url.
  static func transport(_ failure: HTTPFailure, isHost: Bool) -> ConnectorError {
    let host = failure.host.isEmpty ? "the server" : failure.host
    switch failure.kind {
    case .certificateUntrusted:
      return ConnectorError(
        .tlsUntrusted, "The certificate of \(host) is not trusted: \(failure.detail).",
        remedy: "Set `caFile` to the certificate of the authority that signed it, or `thumbprint` to its fingerprint.",
        outcome: .none, details: failure.fingerprint.map { ["fingerprint": .string($0)] } ?? [:])
    case .hostNotFound, .connectionRefused, .connectTimeout:
      return ConnectorError(
        .networkUnreachable,
        "\(withPort(host)) cannot be reached from here: \(failure.detail).",
        remedy: isHost
          ? "Disks go to the ESXi host itself: this computer must resolve its name and reach its TCP port 443."
          : "Check the target's url, and that this computer reaches that port.",
        outcome: .none)
    case .timeout, .interrupted:
      return ConnectorError(
        .networkUnreachable, "The connection to \(host) was lost: \(failure.detail).",
        remedy: "Retry; look at the network and the server if it happens again.", outcome: .unknown)
    case .tls, .invalidRequest, .invalidResponse, .responseTooLarge:
      return ConnectorError(
        .platformUnavailable, "\(host) does not answer as it should: \(failure.detail).",
        remedy: "Check that the target's url is that of vCenter or of an ESXi host.", outcome: .unknown)
    case .bodyLength:
      return ConnectorError(
        .connectorBug, "An upload to \(host) was not as long as was said: \(failure.detail).",
        remedy: "Report this as a fault of the connector.", outcome: .partial)
    }
  }

  private static func withPort(_ host: String) -> String {
    host.contains(":") ? host : host + ":443"
  }
}
