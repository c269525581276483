import ConnectorConformance
import ConnectorProtocol
import Foundation
import Testing

@Suite struct ConformanceKitTests {
  @Test func referenceConnectorKeepsEveryRule() async throws {
    let report = await Gate.shared.pass { await Fixture.kit().run() }
    for result in report.results where result.status != .pass {
      Issue.record("\(result.rule) \(result.title): \(result.status.rawValue), \(result.detail)")
    }
    #expect(report.results.map(\.rule) == ConformanceRule.all.map(\.id))
    #expect(report.passed)
    #expect(report.connector == "rogue 1.0.0")
  }

  /// A connector with one fault, the groups to run, and the rule that must find it.
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var groups: Set<String>
    var rule: String
    var operation: Double

    init(_ name: String, _ rule: String, also: String? = nil, operation: Double = 120) {
      self.name = name
      self.rule = rule
      self.operation = operation
      groups = [String(rule.prefix { $0 != "." })]
      if let also { groups.insert(also) }
    }

    var testDescription: String { "\(name) → \(rule)" }
  }

  static let faults: [Fault] = [
    Fault("stdout-noise", "R1.7"), Fault("exit-code", "R1.3"), Fault("ignores-eof", "R1.4"),
    Fault("ignores-eof", "R1.5"), Fault("ignores-sigterm", "R1.6"), Fault("dies-on-garbage", "R2.3"),
    Fault("splits-on-u2028", "R2.2"), Fault("takes-batch", "R2.6"), Fault("accepts-oversized", "R2.8"),
    Fault("answers-notifications", "R2.9"), Fault("no-state-check", "R3.1"), Fault("unknown-ignored", "R3.3"),
    Fault("answers-twice", "R3.6"), Fault("blocks-ping", "R3.7"), Fault("never-answers", "R3.8", operation: 8),
    Fault("wrong-version", "R4.2"), Fault("strict-fields", "R4.3"), Fault("wrong-describe", "R5.2"),
    Fault("wrong-hash", "R5.3"), Fault("sources-without-methods", "R5.7"), Fault("accepts-anything", "R6.2"),
    Fault("page-token-ignored", "R6.5"),
    Fault("preflight-creates", "R7.2"), Fault("wrong-plan-digest", "R7.3"), Fault("second-on-repeat", "R8.4"),
    Fault("no-conflict", "R8.5"), Fault("runs-twice", "R8.6"), Fault("wrong-bytes", "R8.7"),
    Fault("wrong-read-back", "R8.8"), Fault("promotes-nothing", "R8.9"), Fault("promotes-again", "R8.9"),
    Fault("promotes-to-anything", "R8.10"), Fault("forgets-after-commit", "R11.7"),
    Fault("no-progress", "R9.1"), Fault("progress-falls", "R9.1"), Fault("floods-progress", "R9.2"),
    Fault("ignores-cancel", "R9.3"), Fault("silent-cancel", "R9.3"), Fault("no-checkpoint", "R9.5"),
    Fault("ignores-checkpoint", "R9.5", also: "R8"), Fault("dies-in-transfer", "R9.6"),
    Fault("trusts-checkpoint", "R9.7"), Fault("trusts-checkpoint", "R9.8"), Fault("blames-itself", "R9.9"),
    Fault("ignores-limits", "R9.11"),
    Fault("no-intend", "R10.1"), Fault("creates-before-ack", "R10.2"), Fault("ledger-skips", "R10.3"),
    Fault("creates-unannounced", "R10.4"), Fault("deletes-foreign", "R11.5"), Fault("leaves-behind", "R11.4"),
    Fault("second-rollback-fails", "R11.3"), Fault("commit-keeps-temporary", "R11.6"), Fault("logs-secret", "R12.1"),
    Fault("bare-errors", "R13.1"), Fault("wrong-pair", "R13.2"),
  ]

  @Test(arguments: faults) func faultIsFound(_ fault: Fault) async throws {
    let report = await Gate.shared.pass {
      await Fixture.kit(fault: fault.name, groups: fault.groups, operation: fault.operation).run()
    }
    let result = try #require(report.results.first { $0.rule == fault.rule })
    #expect(result.status == .fail, "\(result.detail)")
    #expect(!result.detail.isEmpty)
    #expect(!report.passed)
  }

  @Test func everyGroupHasAFault() {
    #expect(Set(Self.faults.flatMap(\.groups)) == Set(ConformanceRule.all.map(\.group)))
  }

  @Test func anExecutableThatSaysNothingFailsSoon() async {
    let options = ConformanceOptions(patience: ConformanceOptions.Patience(answer: 1, operation: 1, cancel: 1, exit: 1))
    let report = await Gate.shared.pass {
      await ConformanceKit(executable: "/bin/sleep", arguments: ["60"], options: options).run()
    }
    #expect(!report.passed)
    #expect(report.count(.pass) == 0)
    #expect(report.results.count == ConformanceRule.all.count)
    #expect(report.seconds < 60)
  }

  @Test func anExecutableThatIsMissingFails() async {
    let report = await ConformanceKit(executable: "/nonexistent/connector").run()
    #expect(report.count(.pass) == 0)
    #expect(report.count(.fail) > 0)
  }

  @Test func pageAndCatalogueHaveTheSameRules() throws {
    let page = try String(contentsOf: Fixture.root.appendingPathComponent("protocol/README.md"), encoding: .utf8)
    let numbered = page.matches(of: /\*\*(R\d+\.\d+)\*\*/).map { String($0.output.1) }
    #expect(numbered.count == Set(numbered).count, "a rule stands twice")
    #expect(Set(numbered) == Set(ConformanceRule.all.map(\.id)))
  }
}
