public import ConnectorHTTP

/// What a service, or the way to it, did not do.
public struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `ec2`, `ebs`, `s3`, `sts`, `pricing`; `credentials` where keys could not be had.
  public var service: String
  /// The action, or method and kind of path: never a URL, which may hold a signature.
  public var operation: String
  /// The HTTP status; 0 where no answer came.
  public var status: Int
  /// The service's own word, without namespace and suffix, or one of `Codes` where it had none.
  public var code: String
  public var message: String
  /// What the EBS direct APIs say besides: `SNAPSHOT_NOT_FOUND`, `INVALID_BLOCK`.
  public var reason: String?
  public var requestId: String?
  /// The failure beneath, where no answer came.
  public var transport: HTTPFailure?
  /// True where the same request may fare better a little later: throttling, 5xx, a broken connection.
  public var isRetryable: Bool
  /// True where the service asks for fewer requests.
  public var isThrottled: Bool

  public init(
    service: String, operation: String, status: Int = 0, code: String, message: String, reason: String? = nil,
    requestId: String? = nil, transport: HTTPFailure? = nil, isRetryable: Bool = false, isThrottled: Bool = false
  ) {
    self.service = service
    self.operation = operation
    self.status = status
    self.code = code
    self.message = message
    self.reason = reason
    self.requestId = requestId
    self.transport = transport
    self.isRetryable = isRetryable
    self.isThrottled = isThrottled
  }

  /// Codes of our own, for what no service said.
  public enum Codes {
    /// No keys anywhere.
    public static let noCredentials = "NoCredentials"
    /// No answer came: `transport` says why.
    public static let transport = "Transport"
    /// The task was cancelled.
    public static let cancelled = "Cancelled"
    /// The answer is neither XML nor JSON where it should be, or lacks what it must hold.
    public static let malformedAnswer = "MalformedAnswer"
    /// What was to be sent could not be read.
    public static let body = "Body"
    /// An import task ended without what it was for.
    public static let importFailed = "ImportFailed"
    /// An import task did not end in time.
    public static let importTimeout = "ImportTimeout"
    /// An answer of an error status with no code in it: the status is all that is known.
    public static let httpStatus = "HTTPStatus"
  }

  public var isCancelled: Bool { code == Codes.cancelled }

  public var description: String {
    let from = status == 0 ? code : "\(code), HTTP \(status)"
    return "\(service) \(operation): \(message) (\(from)\(requestId.map { ", request \($0)" } ?? ""))"
  }
}
