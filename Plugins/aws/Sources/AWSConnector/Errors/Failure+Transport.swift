import AWSClient
import ConnectorHTTP
import ConnectorProtocol

extension Failure {
  /// A request that got no answer.
  static func transport(
    _ failure: HTTPFailure, _ error: AWSError, doing what: String, outcome: Outcome
  ) -> ConnectorError {
    let host = failure.host.isEmpty ? "the endpoint of \(error.service)" : failure.host
    let said = "\(what): \(host): \(failure.detail)."
    switch failure.kind {
    case .certificateUntrusted:
      return ConnectorError(
        .tlsUntrusted, said,
        remedy: "Set `caFile` to the authority that signed it; a proxy that reads along has its own.",
        outcome: .none, details: failure.fingerprint.map { ["fingerprint": .string($0)] } ?? [:])
    case .hostNotFound:
      return ConnectorError(
        .networkUnreachable, said,
        remedy: "Check the region and the endpoints: there is no such host, or this computer cannot resolve names.",
        outcome: .none)
    case .connectionRefused, .connectTimeout:
      return ConnectorError(
        .networkUnreachable, said,
        remedy: "Check the endpoints, the proxy, and that this computer reaches that address.", outcome: .none)
    case .timeout, .interrupted:
      return ConnectorError(
        .networkUnreachable, said, remedy: "Retry; look at the network if it happens again.", outcome: outcome)
    case .tls, .invalidRequest, .invalidResponse, .responseTooLarge:
      return ConnectorError(
        .platformUnavailable, said, remedy: "Check that the endpoint is that of \(error.service).", outcome: outcome)
    case .bodyLength:
      return ConnectorError(
        .connectorBug, said, remedy: "Report this as a fault of the connector.", outcome: .partial)
    }
  }
}
