public import ConnectorProtocol

/// A connector: what one platform needs to take machines. `ConnectorMain.run` makes a program of it.
///
/// The kit owns the conversation: framing, order, versions, cancellation, deadlines, repeats, the ledger's
/// acknowledgements. A connector answers typed requests, and throws `ConnectorError` where it cannot.
public protocol Connector: Sendable {
  associatedtype Session: ConnectorSession

  /// What the connector can do. `describe` prints it, and `connector.json` holds the same bytes.
  static var document: CapabilityDocument { get }

  /// Called once per process. It makes no connection: that is for `open`.
  init(environment: ConnectorEnvironment)

  /// Checks a configuration, without its secrets. Called before and after `open`.
  func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result

  /// Reaches the platform. Called again, for a session that replaces the first, when credentials have expired.
  func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, Session)
}

/// What a connector is given of its surroundings.
public struct ConnectorEnvironment: Sendable {
  /// The only folder that the connector may write to, absolute.
  public var workFolder: String
  public var logger: ConnectorLogger

  public init(workFolder: String, logger: ConnectorLogger) {
    self.workFolder = workFolder
    self.logger = logger
  }
}
