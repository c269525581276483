/// `shutdown`: no request follows; the connector answers, finishes what it must and exits 0 when its input ends.
public struct Shutdown: ConnectorRequest {
  public static let method = "shutdown"
  public typealias Result = Empty
  public init() {}
}
