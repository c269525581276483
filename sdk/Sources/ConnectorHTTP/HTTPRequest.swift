/// One request. It is sent as it is: nothing is encoded, signed or followed that does not stand here.
public struct HTTPRequest: Sendable {
  public var method: String
  /// Absolute, `http` or `https`, its path and query encoded.
  public var url: String
  public var headers: HTTPHeaders
  public var body: HTTPBody
  /// Redirections that are followed; each keeps the method where the status says so, and never leaves http and https.
  public var redirects: Int
  /// A longer body of a response is an error, and is not kept in memory.
  public var responseLimit: Int
  /// Overrides the client's.
  public var timeouts: HTTPTimeouts?
  /// Is told, often and from a thread of the client's own, how many bytes of the body were handed to the connection.
  public var sent: (@Sendable (Int64) -> Void)?

  public init(
    _ method: String, _ url: String, headers: HTTPHeaders = [:], body: HTTPBody = .none, redirects: Int = 0,
    responseLimit: Int = 8 << 20, timeouts: HTTPTimeouts? = nil, sent: (@Sendable (Int64) -> Void)? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.redirects = redirects
    self.responseLimit = responseLimit
    self.timeouts = timeouts
    self.sent = sent
  }
}

/// How long a request may take.
public struct HTTPTimeouts: Hashable, Sendable {
  /// Until the connection stands, TLS included.
  public var connect: Duration
  /// Without a byte in either direction. The time that the body's source, or the sink, takes does not count.
  public var idle: Duration
  /// From beginning to end; nil for requests whose length nobody knows.
  public var total: Duration?

  public init(connect: Duration = .seconds(15), idle: Duration = .seconds(60), total: Duration? = nil) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}
