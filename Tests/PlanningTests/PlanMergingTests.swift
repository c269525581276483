import ConnectorProtocol
import Planning
import Testing

@Suite struct PlanMergingTests {
  let draft = Planner.draft(.sample())

  @Test func takesOverTheConnectorsPlan() {
    let plan = draft.merging(preflight: .sample(size: 11 * gib))
    #expect(plan.connectorPlan?.id == "p1")
    #expect(plan.disks.first?.effectiveSizeBytes == 11 * gib)
    #expect(plan.disks.first?.verdict?.accepted == true)
    #expect(plan.resources.map(\.name) == ["web1-d0", "web1-tmp"])
    #expect(plan.adjustments.map(\.at) == ["/name"])
    #expect(!plan.isBlocked)
  }

  @Test func aRefusedDiskBlocks() {
    let plan = draft.merging(preflight: .sample(accepted: false))
    #expect(plan.isBlocked)
    #expect(plan.diagnostics.first?.code == "disk.refused")
    #expect(plan.diagnostics.first?.detail == "its shape displeases")
  }

  @Test func aDiskIsNeverCutOff() {
    let plan = draft.merging(preflight: .sample(size: 10 * gib - 1))
    #expect(plan.diagnostics.map(\.code) == ["disk.shrunk"])
    #expect(plan.disks.first?.effectiveSizeBytes == 10 * gib)
    #expect(plan.isBlocked)
  }

  @Test func anOperatorsRulesJudgeTheAnswerToo() throws {
    let own = Rule(
      id: "house.refused", severity: .note, each: "preflight.refusedDisks", when: "item.index == 0",
      summary: "disk {item.index}: {item.why}")
    let always = Rule(id: "house.always", severity: .note, when: "true", summary: "always")
    let rules = try RuleSet(adding: [own, always])
    let plan = draft.merging(preflight: .sample(accepted: false), rules: rules)
    #expect(plan.diagnostics.map(\.code) == ["disk.refused", "house.refused"])
    #expect(plan.diagnostics.last?.summary == "disk 0: its shape displeases")
  }

  @Test func blockersComeFirstAndNothingTwice() {
    let warning = Diagnostic(severity: .warning, code: "w", summary: "w")
    let blocker = Diagnostic(severity: .blocker, code: "b", summary: "b")
    let odd = Diagnostic(severity: "whisper", code: "o", summary: "o")
    let once = draft.merging(preflight: .sample(diagnostics: [odd, warning, blocker]))
    #expect(once.diagnostics.map(\.code) == ["b", "w", "o"])
    #expect(once.isBlocked)
    #expect(once.merging(preflight: .sample(diagnostics: [warning])).diagnostics.count == 3)
    #expect(once.merging(preflight: .sample()).adjustments.count == 1)
  }

  @Test func verdictsOnUnknownDisksAreIgnored() {
    var result = PlanPreflight.Result.sample()
    result.disks = [PlanPreflight.DiskVerdict(index: 7, accepted: false, effectiveSizeBytes: 0)]
    #expect(!draft.merging(preflight: result).isBlocked)
  }

  @Test func theConnectorsEstimateReplacesTheAssumption() {
    let cost = PlanEstimate.Result(
      currency: "EUR", items: [.init(what: "disk", unit: "month", amount: 1.5)],
      seconds: .init(low: 100, high: 200), confidence: "high")
    let plan = draft.merging(estimate: cost)
    // The preparation of the guest comes before what the connector knows of.
    #expect(abs(plan.estimate.secondsLow - 160.1) < 0.01)
    #expect(abs(plan.estimate.secondsHigh - 260.1) < 0.01)
    #expect(PlanText.render(plan).contains("disk: 1.5 EUR (month)"))
  }

  static let nonsense = [
    PlanEstimate.Range(low: 200, high: 100), PlanEstimate.Range(low: .nan, high: 1),
    PlanEstimate.Range(low: 1, high: .infinity),
  ]

  @Test(arguments: nonsense) func nonsenseIsNotTakenOver(seconds: PlanEstimate.Range) {
    let cost = PlanEstimate.Result(seconds: seconds, confidence: "low")
    #expect(draft.merging(estimate: cost).estimate.secondsLow == draft.estimate.secondsLow)
  }
}
