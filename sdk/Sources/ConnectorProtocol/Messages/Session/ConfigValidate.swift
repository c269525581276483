/// `config/validate`: is this configuration well-formed (`syntax`), and does it work (`live`)? Needs no secret.
public struct ConfigValidate: ConnectorRequest {
  public static let method = "config/validate"

  public var connection: JSONValue
  public var phase: Phase

  public init(connection: JSONValue, phase: Phase = .syntax) {
    self.connection = connection
    self.phase = phase
  }

  public struct Phase: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let syntax: Phase = "syntax"
    public static let live: Phase = "live"
  }

  /// Diagnostics point (`at`) into `connection`; a blocker means that the configuration cannot be used.
  public struct Result: Codable, Hashable, Sendable {
    public var diagnostics: [Diagnostic]

    public init(diagnostics: [Diagnostic]) {
      self.diagnostics = diagnostics
    }
  }
}
