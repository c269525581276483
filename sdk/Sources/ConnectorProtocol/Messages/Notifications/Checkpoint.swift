/// `$/checkpoint`: from here the operation can be taken up again. The host keeps the newest two.
public struct CheckpointNotification: ConnectorNotification {
  public static let method = "$/checkpoint"
  public static let direction = MessageDirection.connectorToHost

  public var op: OperationID
  public var seq: Int64
  /// The connector's, opaque to the host, at most 64 KiB; never a secret.
  public var token: String
  /// Contiguous bytes, from the disk's start, that are durable on the platform.
  public var through: Int64

  public init(op: OperationID, seq: Int64, token: String, through: Int64) {
    self.op = op
    self.seq = seq
    self.token = token
    self.through = through
  }
}
