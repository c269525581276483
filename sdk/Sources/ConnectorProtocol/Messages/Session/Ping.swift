/// `ping`: answered at once, whatever else the connector is doing.
public struct Ping: ConnectorRequest {
  public static let method = "ping"
  public init() {}

  public struct Result: Codable, Hashable, Sendable {
    public var uptimeMs: Int64
    public var activeOperations: Int

    public init(uptimeMs: Int64, activeOperations: Int) {
      self.uptimeMs = uptimeMs
      self.activeOperations = activeOperations
    }
  }
}
