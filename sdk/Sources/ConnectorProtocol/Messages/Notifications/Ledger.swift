/// `$/ledger`: the connector is about to make a resource (`intend`), has made it (`created`), changed or deleted it, or
/// has not made it after all (`abandoned`). The host makes it durable and answers `$/ack`.
public struct LedgerNotification: ConnectorNotification {
  public static let method = "$/ledger"
  public static let direction = MessageDirection.connectorToHost

  /// Rises by one with every entry of a process, from 1.
  public var seq: Int64
  public var op: OperationID
  public var event: Event
  public var resource: Resource

  public init(seq: Int64, op: OperationID, event: Event, resource: Resource) {
    self.seq = seq
    self.op = op
    self.event = event
    self.resource = resource
  }

  public struct Event: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let intend: Event = "intend"
    public static let created: Event = "created"
    public static let changed: Event = "changed"
    public static let deleted: Event = "deleted"
    public static let abandoned: Event = "abandoned"
  }
}
