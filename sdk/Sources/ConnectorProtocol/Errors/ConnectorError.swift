/// The error of a connector: `message` and `data` of a JSON-RPC error object.
///
/// `message` says what failed, on which object, and why; `remedy` says what to do next. Neither ever holds a secret.
/// Unknown reasons and codes decode and never trap. Schema: `protocol/v1/schema/error.schema.json`.
public struct ConnectorError: Error, Hashable, Sendable {
  public var code: Int
  public var message: String
  public var reason: ErrorReason
  public var category: ErrorCategory
  public var outcome: Outcome
  public var retry: Retry
  public var remedy: String?
  public var diagnostics: [Diagnostic]
  public var provider: ProviderError?
  /// Facts that the reason asks for: `supported` of unsupportedVersion, `missing` of permissionDenied.
  public var details: [String: JSONValue]
  public var checkpoint: String?

  /// An error of `reason`, with the number, category and retry policy that the protocol gives it.
  public init(
    _ reason: ErrorReason, _ message: String, remedy: String? = nil, outcome: Outcome = .unknown,
    afterMs: Int? = nil, diagnostics: [Diagnostic] = [], provider: ProviderError? = nil,
    details: [String: JSONValue] = [:], checkpoint: String? = nil
  ) {
    let entry = reason.entry
    self.code = entry?.code ?? 1699
    self.message = message
    self.reason = reason
    self.category = entry?.category ?? .bug
    self.outcome = outcome
    self.retry = Retry(policy: entry?.retry ?? .never, afterMs: afterMs)
    self.remedy = remedy
    self.diagnostics = diagnostics
    self.provider = provider
    self.details = details
    self.checkpoint = checkpoint
  }

  /// True where the same operation may be sent again without a person's doing.
  public var retryable: Bool {
    switch retry.policy {
    case .sameOperation, .withoutCheckpoint, .restartListing: true
    case .ifNoEffect: outcome == .none
    default: false
    }
  }

  /// What the platform itself said.
  public struct ProviderError: Codable, Hashable, Sendable {
    public var code: String?
    public var httpStatus: Int?
    public var requestID: String?
    public var message: String?

    public init(code: String? = nil, httpStatus: Int? = nil, requestID: String? = nil, message: String? = nil) {
      self.code = code
      self.httpStatus = httpStatus
      self.requestID = requestID
      self.message = message
    }
  }
}

extension ConnectorError: Codable {
  private enum CodingKeys: String, CodingKey { case code, message, data }

  private enum DataKeys: String, CodingKey {
    case reason, category, outcome, retry, retryable, remedy, diagnostics, provider, details, checkpoint
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decode(Int.self, forKey: .code)
    message = try container.decode(String.self, forKey: .message)
    let known = ErrorReason.reason(code: code)
    guard container.contains(.data),
      let data = try? container.nestedContainer(keyedBy: DataKeys.self, forKey: .data)
    else {
      // A peer without `data` breaks the protocol; what it said is still worth showing.
      reason = known ?? .connectorBug
      category = known?.entry?.category ?? .bug
      outcome = .unknown
      retry = Retry(policy: .never)
      remedy = nil
      diagnostics = []
      provider = nil
      details = [:]
      checkpoint = nil
      return
    }
    reason = try data.decodeIfPresent(ErrorReason.self, forKey: .reason) ?? known ?? .connectorBug
    category = try data.decodeIfPresent(ErrorCategory.self, forKey: .category) ?? known?.entry?.category ?? .bug
    outcome = try data.decodeIfPresent(Outcome.self, forKey: .outcome) ?? .unknown
    retry = try data.decodeIfPresent(Retry.self, forKey: .retry) ?? Retry(policy: .never)
    remedy = try data.decodeIfPresent(String.self, forKey: .remedy)
    diagnostics = try data.decodeIfPresent([Diagnostic].self, forKey: .diagnostics) ?? []
    provider = try data.decodeIfPresent(ProviderError.self, forKey: .provider)
    details = try data.decodeIfPresent([String: JSONValue].self, forKey: .details) ?? [:]
    checkpoint = try data.decodeIfPresent(String.self, forKey: .checkpoint)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(message, forKey: .message)
    var data = container.nestedContainer(keyedBy: DataKeys.self, forKey: .data)
    try data.encode(reason, forKey: .reason)
    try data.encode(category, forKey: .category)
    try data.encode(outcome, forKey: .outcome)
    try data.encode(retry, forKey: .retry)
    try data.encode(retryable, forKey: .retryable)
    try data.encodeIfPresent(remedy, forKey: .remedy)
    if !diagnostics.isEmpty { try data.encode(diagnostics, forKey: .diagnostics) }
    try data.encodeIfPresent(provider, forKey: .provider)
    if !details.isEmpty { try data.encode(details, forKey: .details) }
    try data.encodeIfPresent(checkpoint, forKey: .checkpoint)
  }
}
