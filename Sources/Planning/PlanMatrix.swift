public import ConnectorProtocol
import Foundation

/// Where a backup could be restored: one row for each configured target and each platform that none is configured for.
public struct PlanMatrix: Codable, Hashable, Sendable {
  public enum Verdict: String, Codable, Sendable {
    case possible
    case possibleWithWarnings = "possible-with-warnings"
    case blocked
  }

  public struct Row: Codable, Hashable, Sendable {
    /// Nil for a platform without a configured target.
    public var target: String?
    public var platform: String
    public var verdict: Verdict
    /// Nil where the platform's connector is not installed.
    public var hardware: Hardware?
    /// Drivers that the guest would be given.
    public var drivers: [String]
    public var bootProof: RestorePlan.BootOutlook?
    /// Blockers first.
    public var diagnostics: [Diagnostic]

    public init(plan: RestorePlan, target: String?) {
      self.target = target
      platform = plan.target.platform
      let severities = plan.diagnostics.map(\.severity)
      verdict =
        severities.contains(.blocker) ? .blocked : severities.contains(.warning) ? .possibleWithWarnings : .possible
      hardware = plan.hardware
      drivers = plan.preparation.needs.flatMap(\.need).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      bootProof = plan.bootProof
      diagnostics = plan.diagnostics
    }

    /// A target whose platform's connector is not there.
    public init(target: String, withoutConnectorFor platform: String, rules: RuleSet = .standard) {
      self.target = target
      self.platform = platform
      verdict = .blocked
      drivers = []
      let facts: JSONValue = [
        "name": .string(target), "platform": .string(platform), "connectorInstalled": .bool(false),
      ]
      diagnostics = rules.findings(RuleFacts(["target": facts])).mostSevereFirst
    }
  }

  public var backup: RestorePlan.BackupReference
  public var rows: [Row]

  public init(backup: RestorePlan.BackupReference, rows: [Row]) {
    self.backup = backup
    self.rows = rows
  }

  /// The matrix for a terminal.
  public var text: String {
    let cells = rows.map { row in
      [
        row.target ?? "-", row.platform, row.verdict.words,
        row.hardware.map { "\($0.firmware.rawValue), \($0.controllers.first ?? "no disk")" } ?? "-",
        row.bootProof.map { $0.provable ? "yes" : "no" } ?? "-",
      ]
    }
    let titles = ["TARGET", "PLATFORM", "VERDICT", "HARDWARE", "PROVABLE HERE"]
    let widths = titles.indices.map { column in ([titles] + cells).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
    }
    var lines = ["\(backup.name) (\(backup.platform))", "", line(titles)]
    for (row, cells) in zip(rows, cells) {
      lines.append(line(cells))
      lines += row.diagnostics.filter { $0.severity != .note }.map { "    \($0.severity): \($0.summary) [\($0.code)]" }
    }
    return PlanText.plain(lines)
  }
}

extension PlanMatrix.Verdict {
  var words: String {
    switch self {
    case .possible: "possible"
    case .possibleWithWarnings: "possible, with warnings"
    case .blocked: "blocked"
    }
  }
}
