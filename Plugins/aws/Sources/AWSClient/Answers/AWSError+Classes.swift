extension AWSError {
  private static let throttles: Set<String> = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
    "TooManyRequestsException", "RequestLimitExceeded", "EC2ThrottledException", "BandwidthLimitExceeded", "SlowDown",
    "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "TransactionInProgressException",
    "LimitExceededException",
  ]
  private static let passing: Set<String> = [
    "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure", "InternalServerException",
    "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "BadDigest",
    "IDPCommunicationError",
  ]
  private static let statuses: Set<Int> = [408, 425, 429, 500, 502, 503, 504, 509]
  private static let clocks: Set<String> = [
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
    "SignatureDoesNotMatch", "AuthFailure", "SignatureExpired", "AccessDenied",
  ]
  private static let keys: Set<String> = [
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired", "InvalidToken",
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure",
    "InvalidSignatureException",
  ]
  /// Codes that say 500 and yet mean what asking again does not change.
  private static let final: Set<String> = [
    "InsufficientInstanceCapacity", "InsufficientAddressCapacity", "InsufficientCapacity", "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity", "InsufficientVolumeCapacity", "Unsupported", "NotImplemented",
  ]

  /// Sets `isRetryable` and `isThrottled` by status, code and reason.
  ///
  /// - Parameter inAnswer: The error stands in an answer of status 200.
  mutating func classify(inAnswer: Bool) {
    isThrottled = Self.throttles.contains(code) || status == 429 || service == "s3" && status == 503
    let readFailure = code == "ValidationException" && message.hasPrefix("Failed to read block data")
    isRetryable =
      !Self.final.contains(code)
      && (isThrottled || Self.passing.contains(code) || Self.statuses.contains(status) || readFailure
        || reason == "WRITE_REQUEST_TIMEOUT")
  }

  /// True where temporary keys have run out.
  public var isExpired: Bool { Self.keys.contains(code) && code.contains("xpired") }

  /// The signature's time may be what was refused.
  var mayBeClock: Bool { Self.clocks.contains(code) }

  /// Other keys, where there are any, may fare better.
  var mayBeKeys: Bool { Self.keys.contains(code) }
}
