/// Something to tell a person, with where it is and what to do: part of an answer, or of an error.
public struct Diagnostic: Codable, Hashable, Sendable {
  public var severity: Severity
  /// A stable name, `disk.tooLarge`.
  public var code: String
  public var summary: String
  public var detail: String?
  /// JSON Pointer (RFC 6901) into the parameters of the request.
  public var at: String?
  /// What to do.
  public var action: String?

  public init(
    severity: Severity, code: String, summary: String, detail: String? = nil, at: String? = nil, action: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.summary = summary
    self.detail = detail
    self.at = at
    self.action = action
  }

  /// `blocker`, `warning`, `note`.
  public struct Severity: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let blocker: Severity = "blocker"
    public static let warning: Severity = "warning"
    public static let note: Severity = "note"
  }
}
