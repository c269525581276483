public import ConnectorHTTP

/// How the services are reached. `AWSClient(credentials:endpoints:options:)` takes it.
public struct AWSClientOptions: Hashable, Sendable {
  /// A file of certificates, PEM, to trust instead of the system's.
  public var caFile: String?
  public var proxy: HTTPClient.Proxy
  public var timeouts: HTTPTimeouts
  public var connectionsPerHost: Int
  public var userAgent: String
  /// How `AWSRetry.standard` goes about it.
  public var retry: RetryPolicy

  public init(
    caFile: String? = nil, proxy: HTTPClient.Proxy = .environment, timeouts: HTTPTimeouts = HTTPTimeouts(),
    connectionsPerHost: Int = 72, userAgent: String = "ascend",
    retry: RetryPolicy = RetryPolicy(attempts: 10)
  ) {
    self.caFile = caFile
    self.proxy = proxy
    self.timeouts = timeouts
    self.connectionsPerHost = connectionsPerHost
    self.userAgent = userAgent
    self.retry = retry
  }
}
