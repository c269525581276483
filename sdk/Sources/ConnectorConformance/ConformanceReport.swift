/// What became of one rule of `protocol/README.md`.
public struct RuleResult: Codable, Hashable, Sendable {
  /// The rule's number there: `R3.2`.
  public var rule: String
  public var title: String
  public var status: RuleStatus
  /// Why it failed or was skipped; empty where it passed.
  public var detail: String
  public var seconds: Double

  public init(rule: String, title: String, status: RuleStatus, detail: String = "", seconds: Double = 0) {
    self.rule = rule
    self.title = title
    self.status = status
    self.detail = detail
    self.seconds = seconds
  }
}

public enum RuleStatus: String, Codable, Sendable {
  case pass, fail, skip
}

/// The results of a run, in the order of the rules.
public struct ConformanceReport: Codable, Sendable {
  public var executable: String
  /// The connector's id and version, where its document could be read.
  public var connector: String?
  public var results: [RuleResult]
  public var seconds: Double

  /// True where at least one rule passed and none failed.
  public var passed: Bool { count(.pass) > 0 && count(.fail) == 0 }

  public func count(_ status: RuleStatus) -> Int { results.count { $0.status == status } }
}
