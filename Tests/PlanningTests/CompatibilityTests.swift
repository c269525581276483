import ConnectorProtocol
import Planning
import Testing

/// Each limit of a platform: kept, and broken by one.
@Suite struct CompatibilityTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var code: String
    var severity: Diagnostic.Severity = .blocker
    var breaks: @Sendable (inout PlannerInputs) -> Void
    var testDescription: String { code }
  }

  static let cases = [
    Case(code: "cpu.tooMany") { $0.machine.cpu.count = 17 },
    Case(code: "cpu.tooMany") { $0.mapping.cpuCount = 17 },
    Case(code: "memory.tooLarge") { $0.machine.memoryBytes = 64 * gib + 1 },
    Case(code: "disk.none") { $0.disks = [] },
    Case(code: "disk.tooMany") { $0.machine = .withDisks(5) },
    Case(code: "disk.bootTooLarge") { $0.disks[0].virtualSizeBytes = (2 << 40) + 1 },
    Case(code: "disk.noPath") { $0.mapping.diskFormat = "vdi" },
    Case(code: "nic.tooMany") { $0.machine.nics = (0..<3).map { .init(index: $0, network: "LAN") } },
    Case(code: "tag.tooMany") { $0.mapping.tags = ["a": "1", "b": "2"] },
    Case(code: "name.missing") { $0.machineName = "" },
    Case(code: "name.tooLong") { $0.machineName = "a23456789012345678901" },
    Case(code: "name.notAllowed") { $0.machineName = "Web 1" },
    Case(code: "name.unchecked", severity: .warning) { $0.document.limits.namePattern = "(" },
    Case(code: "network.unmapped", severity: .warning) { $0.mapping.networks = [:] },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest = .strange },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest = nil },
    Case(code: "guest.notPreparable", severity: .warning) { $0.guest?.preparable = false },
    Case(code: "firmware.notOffered") { $0.document.boot = [] },
  ]

  @Test(arguments: cases) func finds(case broken: Case) throws {
    var inputs = PlannerInputs.sample()
    #expect(!Planner.draft(inputs).diagnostics.contains { $0.code == broken.code })
    broken.breaks(&inputs)
    let plan = Planner.draft(inputs)
    let found = try #require(plan.diagnostics.first { $0.code == broken.code })
    #expect(found.severity == broken.severity)
    #expect(plan.isBlocked == (broken.severity == .blocker))
    if broken.severity == .blocker { #expect(found.action != nil) }
  }

  @Test func limitsThemselvesAreAllowed() {
    let plan = Planner.draft(
      .sample {
        $0.machine = .withDisks(4)
        $0.machine.cpu.count = 16
        $0.machine.memoryBytes = 64 * gib
        $0.machineName = "a2345678901234567890"
        $0.machine.nics = (0..<2).map { .init(index: $0, network: "LAN") }
      })
    #expect(plan.diagnostics == [])
  }

  @Test func aStarMapsEveryNetwork() {
    let plan = Planner.draft(.sample { $0.mapping.networks = ["*": "br0"] })
    #expect(plan.diagnostics == [])
  }

  @Test func neverMeansNoComplaint() {
    let plan = Planner.draft(
      .sample {
        $0.guest = .strange
        $0.preparation = .never
      })
    #expect(!plan.diagnostics.contains { $0.code == "guest.notPreparable" })
  }
}
