/// `$/progress`: how far an operation is. Resets the host's idle clock; at most five a second, and one at least every
/// ten seconds while the operation runs (`heartbeat`).
public struct ProgressNotification: ConnectorNotification {
  public static let method = "$/progress"
  public static let direction = MessageDirection.connectorToHost

  public var op: OperationID
  public var phase: String
  /// Rises within an operation.
  public var seq: Int64
  /// Never falls within a phase.
  public var done: Int64
  public var total: Int64?
  /// `bytes` or `steps`.
  public var unit: String
  /// Bytes of zeros that need not be moved; part of `done`.
  public var skipped: Int64?
  public var message: String?
  public var heartbeat: Bool?

  public init(
    op: OperationID, phase: String, seq: Int64, done: Int64, total: Int64? = nil, unit: String,
    skipped: Int64? = nil, message: String? = nil, heartbeat: Bool? = nil
  ) {
    self.op = op
    self.phase = phase
    self.seq = seq
    self.done = done
    self.total = total
    self.unit = unit
    self.skipped = skipped
    self.message = message
    self.heartbeat = heartbeat
  }
}
