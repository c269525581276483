import ConnectorProtocol
import Planning
import Support
import Testing

@Suite("Preflight rules")
struct RuleSetTests {
  @Test("the bundled ones are readable, told apart, and say what to do")
  func bundled() throws {
    let rules = try RuleSet.bundled()
    #expect(rules.count > 25)
    #expect(Set(rules.map(\.id)).count == rules.count)
    for rule in rules where rule.severity == .blocker { #expect(rule.remedy != nil, "\(rule.id)") }
    #expect(try RuleSet().rules == rules)
    #expect(RuleSet.standard.rules == rules)
  }

  private func plan(_ rules: [Rule], _ edit: (inout PlannerInputs) -> Void = { _ in }) throws -> RestorePlan {
    let set = try RuleSet(adding: rules)
    return Planner.draft(
      .sample {
        $0.rules = set
        edit(&$0)
      })
  }

  @Test("the operator adds, replaces and switches off")
  func own() throws {
    let own = Rule(
      id: "house.noWeb", severity: .blocker, when: "machine.name matches '^web'", summary: "{machine.name} stays here",
      remedy: "Ask the house")
    let found = try #require(try plan([own]).diagnostics.first)
    #expect(found.code == "house.noWeb" && found.summary == "web1 stays here" && found.action == "Ask the house")
    #expect(try plan([own]).isBlocked)

    let milder = Rule(id: "cpu.tooMany", severity: .note, when: "machine.cpuCount > 1", summary: "many")
    #expect(try !plan([milder]).isBlocked)
    #expect(try plan([milder]) { $0.machine.cpu.count = 99 }.diagnostics.map(\.severity) == [.note])
    var off = milder
    off.disabled = true
    #expect(try plan([off]) { $0.machine.cpu.count = 99 }.diagnostics == [])
  }

  @Test("what cannot be done at all cannot be switched off")
  func fixed() throws {
    let bundled = try RuleSet.bundled()
    // A file that `ascend rules --json` wrote can be used as it is.
    #expect(try RuleSet(adding: bundled).rules == bundled)
    for rule in bundled where rule.fixed == true {
      #expect(rule.severity == .blocker)
      var off = rule
      off.disabled = true
      let error = #expect(throws: AscendError.self) { try RuleSet(adding: [off]) }
      #expect(error?.code == "rules.invalid" && error?.object == rule.id)
    }
    #expect(bundled.contains { $0.id == "disk.noPath" && $0.fixed == true })
  }

  @Test("a rule for each of a list says which one")
  func each() throws {
    let rule = Rule(
      id: "house.disk", severity: .warning, each: "machine.disks", when: "item.index > 0", summary: "disk {item.index}",
      at: "/machine/disks/{item.index}")
    let found = try plan([rule]) {
      $0.machine = .withDisks(3)
      $0.disks = (0..<3).map { .init(index: $0, formats: ["raw"], virtualSizeBytes: gib) }
    }.diagnostics
    #expect(found.map(\.summary) == ["disk 1", "disk 2"])
    #expect(found.map(\.at) == ["/machine/disks/1", "/machine/disks/2"])
  }

  @Test(
    "a rule that cannot be used is an error that names it",
    arguments: [
      Rule(id: "Nameless", severity: .note, when: "true", summary: "x"),
      Rule(id: "a.b", severity: "grave", when: "true", summary: "x"),
      Rule(id: "a.b", severity: .note, when: "machine.cpuCount >", summary: "x"),
      Rule(id: "a.b", severity: .note, when: "true", summary: ""),
    ])
  func invalid(rule: Rule) {
    let error = #expect(throws: AscendError.self) { try RuleSet(adding: [rule]) }
    #expect(error?.code == "rules.invalid")
    #expect(error?.object == rule.id)
  }

  @Test("the matrix says possible, with warnings, or blocked, and why")
  func matrix() throws {
    func row(_ edit: (inout PlannerInputs) -> Void) -> PlanMatrix.Row {
      PlanMatrix.Row(plan: Planner.draft(.sample(edit)), target: nil)
    }
    let rows = [
      row { _ in }, row { $0.mapping.networks = [:] }, row { $0.machine.cpu.count = 99 },
      PlanMatrix.Row(target: "attic", withoutConnectorFor: "gone"),
    ]
    #expect(rows.map(\.verdict) == [.possible, .possibleWithWarnings, .blocked, .blocked])
    #expect(rows[0].drivers.contains("virtio_scsi"))
    let text = PlanMatrix(backup: .init(id: "b", name: "web1", platform: "elsewhere"), rows: rows).text
    #expect(text.contains("possible, with warnings"))
    #expect(text.contains("blocker: The machine has 99 processors, and the platform allows 16 [cpu.tooMany]"))
    #expect(text.contains("[connector.missing]"))
  }
}
