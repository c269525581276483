/// `session/check`: can work be done now?
public struct SessionCheck: ConnectorRequest {
  public static let method = "session/check"
  public init() {}

  public struct Result: Codable, Hashable, Sendable {
    public var state: State
    public var diagnostics: [Diagnostic]

    public init(state: State, diagnostics: [Diagnostic] = []) {
      self.state = state
      self.diagnostics = diagnostics
    }
  }

  public struct State: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let ready: State = "ready"
    public static let starting: State = "starting"
    public static let degraded: State = "degraded"
  }
}
