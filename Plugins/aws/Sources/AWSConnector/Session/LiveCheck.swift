import AWSClient
import ConnectorHTTP
import ConnectorProtocol

/// Whether a configuration works, as far as can be told without secrets: the region's services answer.
struct LiveCheck: Sendable {
  var settings: Settings

  func run() async -> [Diagnostic] {
    let client = HTTPClient(
      HTTPClient.Configuration(
        authorities: settings.caFile, proxy: settings.clientOptions.proxy,
        timeouts: HTTPTimeouts(connect: .seconds(10), idle: .seconds(10), total: .seconds(20))))
    var found: [Diagnostic] = []
    for service in ["ec2", settings.delivery == .import ? "s3" : "ebs", "sts"] {
      do {
        // Any answer will do: without a signature it is a refusal.
        _ = try await client.send(HTTPRequest("GET", settings.awsEndpoints.url(service: service) + "/"))
      } catch let failure as HTTPFailure {
        found.append(diagnostic(failure, service))
      } catch {
        found.append(
          Diagnostic(severity: .warning, code: "endpoint.unchecked", summary: "\(service) was not checked: \(error)."))
      }
    }
    return found
  }

  private func diagnostic(_ failure: HTTPFailure, _ service: String) -> Diagnostic {
    let at =
      settings.endpoints[service] != nil ? "/endpoints/\(service)" : settings.endpoint != nil ? "/endpoint" : "/region"
    let isTrust = failure.kind == .certificateUntrusted
    return Diagnostic(
      severity: .blocker, code: "endpoint.unusable",
      summary: "\(service) in \(settings.region) cannot be used: \(failure).",
      detail: failure.fingerprint.map { "SHA-256 of its certificate: \($0)" }, at: isTrust ? "/caFile" : at,
      action: isTrust
        ? "Set `caFile` to the authority that signed the certificate."
        : "Check the region's name, the endpoints and the proxy.")
  }
}
