/// `$/ack`: the ledger entry of this number is durable; the connector may now make the call it announced.
public struct AckNotification: ConnectorNotification {
  public static let method = "$/ack"
  public static let direction = MessageDirection.hostToConnector

  public var seq: Int64

  public init(seq: Int64) {
    self.seq = seq
  }
}
