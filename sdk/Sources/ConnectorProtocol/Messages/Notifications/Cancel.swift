/// `$/cancel`: stop this request. It is still answered: with `cancelled` and the newest checkpoint, or with its result.
public struct CancelNotification: ConnectorNotification {
  public static let method = "$/cancel"
  public static let direction = MessageDirection.hostToConnector

  public var id: RequestID
  public var reason: String?

  public init(id: RequestID, reason: String? = nil) {
    self.id = id
    self.reason = reason
  }
}
