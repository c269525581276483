/// Addresses of services in the environment, by the names that Amazon's own tools know: `AWS_ENDPOINT_URL` for all, and
/// `AWS_ENDPOINT_URL_EC2` and its like for one; `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` switches them off.
struct EndpointVariables: Hashable, Sendable {
  private static let name = "AWS_ENDPOINT_URL"

  var all: String?
  /// By service, as in `Settings.services`.
  var services: [String: String] = [:]

  init(_ environment: [String: String]) {
    guard environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() != "true" else { return }
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    all = value(Self.name)
    for service in Settings.services { services[service] = value("\(Self.name)_\(service.uppercased())") }
  }
}
