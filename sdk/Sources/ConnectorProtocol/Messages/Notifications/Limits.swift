/// `$/limits`: how much the disk transfers of this process may take. It replaces the one before; what is not in it is not
/// limited.
public struct LimitsNotification: ConnectorNotification, Hashable {
  public static let method = "$/limits"
  public static let direction = MessageDirection.hostToConnector
  /// The flag of `CapabilityDocument.features` of a connector that keeps to them.
  public static let feature = "limits"

  /// What all transfers of the process together may read from their sources.
  public var bytesPerSecond: Int64?
  /// How many connections each transfer may read over at once.
  public var connections: Int?

  public init(bytesPerSecond: Int64? = nil, connections: Int? = nil) {
    self.bytesPerSecond = bytesPerSecond
    self.connections = connections
  }
}
