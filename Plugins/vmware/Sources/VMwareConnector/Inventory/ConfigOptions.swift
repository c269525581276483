import ConnectorProtocol

/// What an environment of the server can run: hardware versions and guest types.
struct ConfigOptions: Codable, Hashable, Sendable {
  /// `vmx-19`, of those that a machine can be made with.
  var versions: [String] = []
  var defaultVersion: String?
  /// Guest types of the default version, with their names; empty where the server does not tell.
  var guests: [String: String] = [:]

  /// Asks the environment browser of a compute resource. A server that does not answer is no reason to stop: what is
  /// not known is not checked.
  static func load(_ client: VimClient, browser: MoRef?) async throws -> ConfigOptions {
    guard let browser else { return ConfigOptions() }
    var options = ConfigOptions()
    if let answer = try await optional({ try await client.call("QueryConfigOptionDescriptor", on: browser) }) {
      for entry in answer.all("returnval") where entry.bool("createSupported") != false {
        guard let key = entry.string("key") else { continue }
        options.versions.append(key)
        if entry.bool("defaultConfigOption") == true { options.defaultVersion = key }
      }
    }
    let spec = VimObject("EnvironmentBrowserConfigOptionQuerySpec")
    if let answer = try await optional({
      try await client.call("QueryConfigOptionEx", on: browser, ["spec": .object(spec)])
    }) {
      for guest in answer["returnval"]?.all("guestOSDescriptor") ?? [] {
        guard let id = guest.string("id"), guest.string("supportLevel") != "unsupported" else { continue }
        let name = guest.string("fullName") ?? ""
        options.guests[id] = name.isEmpty ? id : name
      }
    }
    return options
  }

  private static func optional(_ call: () async throws -> XMLNode) async throws -> XMLNode? {
    do { return try await call() } catch is VimFault { return nil }
  }

  /// The number of `vmx-19`.
  static func number(_ version: String) -> Int? {
    guard version.hasPrefix("vmx-") else { return nil }
    return Int(version.dropFirst(4))
  }
}
