/// `session/open`: reach the platform. The only message that carries secrets.
public struct SessionOpen: ConnectorRequest {
  public static let method = "session/open"

  /// The target's configuration, without its secrets.
  public var connection: JSONValue
  /// The secret members, by JSON Pointer into the configuration's schema.
  public var secrets: [String: String]
  /// A folder of the host's for this target's own state, absolute.
  public var stateFolder: String?

  public init(connection: JSONValue, secrets: [String: String] = [:], stateFolder: String? = nil) {
    self.connection = connection
    self.secrets = secrets
    self.stateFolder = stateFolder
  }

  public struct Result: Codable, Hashable, Sendable {
    /// Who the platform takes us for.
    public var principal: String?
    public var endpoint: Endpoint
    /// What this endpoint narrows of the capability document: members that replace those of the document.
    public var overlay: JSONValue?
    /// RFC 3339.
    public var expiresAt: String?
    public var warnings: [Diagnostic]

    public init(
      principal: String? = nil, endpoint: Endpoint, overlay: JSONValue? = nil, expiresAt: String? = nil,
      warnings: [Diagnostic] = []
    ) {
      self.principal = principal
      self.endpoint = endpoint
      self.overlay = overlay
      self.expiresAt = expiresAt
      self.warnings = warnings
    }
  }

  public struct Endpoint: Codable, Hashable, Sendable {
    public var product: String
    public var version: String

    public init(product: String, version: String) {
      self.product = product
      self.version = version
    }
  }
}
