/// `$/diagnostic`: something that a person should know and that is no error.
public struct DiagnosticNotification: ConnectorNotification {
  public static let method = "$/diagnostic"
  public static let direction = MessageDirection.connectorToHost

  public var op: OperationID?
  public var diagnostic: Diagnostic

  public init(op: OperationID? = nil, diagnostic: Diagnostic) {
    self.op = op
    self.diagnostic = diagnostic
  }
}
