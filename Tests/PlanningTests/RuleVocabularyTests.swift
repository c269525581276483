import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Planning

@Suite("The names of facts in rules")
struct RuleVocabularyTests {
  @Test(
    "a typing error is an error, with what was meant",
    arguments: [
      ("machine.memorybytes > 1", nil, "machine.memoryBytes"), ("guest.firmwear == 'uefi'", nil, "guest.firmware"),
      ("plan.freebytes.root < 1", nil, "plan.freeBytes"), ("gest.known == true", nil, "guest"),
      ("item.sizeByte > 1", "machine.disks", "item.sizeBytes"), ("true", "machine.disk", "machine.disks"),
      ("not (true and guest.agents.cout > 1)", nil, nil), ("item.index > 1", nil, nil), ("true", "machine.name", nil),
      ("[1, machine.cpus] contains 2", nil, nil),
    ] as [(String, String?, String?)])
  func typing(when: String, each: String?, meant: String?) throws {
    let rule = Rule(id: "house.own", severity: .warning, each: each, when: when, summary: "x")
    let error = try #require(throws: AscendError.self) { try RuleSet(adding: [rule]) }
    #expect(error.code == "rules.invalid" && error.object == "house.own")
    if let meant { #expect(error.remedy?.contains("Write \(meant),") == true, "\(error.remedy ?? "")") }
  }

  @Test("the same in the texts of a rule")
  func texts() {
    let rule = Rule(id: "house.own", severity: .warning, when: "true", summary: "{machine.nam|bytes} is too large")
    #expect(throws: AscendError.self) { try RuleSet(adding: [rule]) }
  }

  @Test(
    "what the documentation promises can be asked",
    arguments: [
      ("guest.freeBytes.root != null and guest.interfaces.count > 1", nil),
      ("item.gateway == null or item.addresses.count > 1", "guest.interfaces"), ("item matches '^a'", "guest.agents"),
      ("item.effectiveSizeBytes < item.sizeBytes", "preflight.shrunkDisks"),
    ] as [(String, String?)])
  func allowed(when: String, each: String?) throws {
    _ = try RuleSet(adding: [Rule(id: "house.own", severity: .note, each: each, when: when, summary: "{machine.name}")])
  }

  /// Every path that a value has, lists by their first item.
  private func paths(_ value: JSONValue, _ start: String) -> Set<String> {
    var found: Set<String> = [start]
    for (name, next) in value.objectValue ?? [:] { found.formUnion(paths(next, "\(start).\(name)")) }
    for item in value.arrayValue ?? [] { found.formUnion(paths(item, start + ".[]")) }
    return found
  }

  @Test("all that a plan makes has a name")
  func made() throws {
    let inputs = PlannerInputs.sample {
      $0.guest?.interfaces = [
        .init(name: "e", method: "static", mac: "x", gateway: "g", nameServers: ["d"], source: "s")
      ]
      $0.guest?.kernels[0].modules = ["ext4"]
      $0.guest?.kernels[1].initramfs = nil
      $0.machine.nics[0].mac = "00:50:56:aa:00:01"
      $0.mapping.networks = [:]
      $0.document.drivers.append(.init(when: .init(family: "linux"), need: ["e1000"], nics: ["e1000"]))
      $0.mapping.diskFormat = "vdi"
    }
    let choice = HardwareChooser(
      HardwareQuestion(document: inputs.document, machine: inputs.machine, guest: inputs.guest, mapping: inputs.mapping)
    ).choose()
    let plan = Planner.draft(inputs)
    let facts = PlanFacts(
      inputs: inputs, name: "a", cpuCount: 1, memoryBytes: 1, choice: choice, disks: plan.disks,
      preparation: plan.preparation
    ).facts()
    var made: Set<String> = []
    for area in ["machine", "guest", "target", "plan", "choice"] { made.formUnion(paths(facts[area], area)) }
    #expect(made.subtracting(RuleVocabulary.standard.paths).sorted() == [])
    // And nothing of the plan or the target has a name that is not made.
    let named = RuleVocabulary.standard.paths.filter { $0.hasPrefix("plan.") || $0.hasPrefix("target.") }
    #expect(named.filter { !$0.contains("[]") }.filter { !made.contains($0) }.sorted() == [])
  }

  @Test("guest facts have the names of their schema")
  func schema() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../protocol/v1/schema/guest-facts.schema.json")
    let schema = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
    func walk(_ schema: JSONValue, _ start: String) -> Set<String> {
      var found: Set<String> = [start]
      for (name, next) in schema["properties"]?.objectValue ?? [:] { found.formUnion(walk(next, "\(start).\(name)")) }
      if let items = schema["items"] { found.formUnion(walk(items, start + ".[]")) }
      if schema["additionalProperties"]?.objectValue != nil { found.insert(start + ".*") }
      return found
    }
    let named = RuleVocabulary.standard.paths.filter { $0 == "guest" || $0.hasPrefix("guest.") }
    #expect(named.subtracting(["guest.known"]) == walk(schema, "guest"))
  }
}
