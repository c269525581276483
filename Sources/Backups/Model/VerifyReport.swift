/// What was checked about a backup, and how it came out.
public struct VerifyReport: Codable, Hashable, Sendable {
  public var checks: [Check]

  public init(checks: [Check]) { self.checks = checks }

  /// Whether nothing failed. What was not checked is not held against the backup.
  public var passed: Bool { checks.allSatisfy { $0.outcome != .failed } }

  /// One check: what was looked at, for what, and the outcome.
  public struct Check: Codable, Hashable, Sendable {
    /// The file or member.
    public var object: String
    /// `description`, `digest`, `image`.
    public var kind: String
    public var outcome: Outcome
    public var detail: String

    public init(object: String, kind: String, outcome: Outcome, detail: String) {
      self.object = object
      self.kind = kind
      self.outcome = outcome
      self.detail = detail
    }
  }

  public enum Outcome: String, Codable, Hashable, Sendable {
    case passed, failed
    /// There is nothing to check it against.
    case notChecked
  }
}
