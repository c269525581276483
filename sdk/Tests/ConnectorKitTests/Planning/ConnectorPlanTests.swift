import ConnectorKit
import ConnectorProtocol
import Testing

private struct Plan: ConnectorPlan, Hashable {
  static let currentSchema = "test-plan/2"

  var schema = Plan.currentSchema
  var job: JobID
  var disks: [Disk]

  struct Disk: ConnectorPlanDisk, Codable, Hashable {
    var index: Int
    var gibibytes: Int64

    var effectiveSizeBytes: Int64 { gibibytes << 30 }
  }
}

@Suite struct ConnectorPlanTests {
  private let plan = Plan(job: JobID("job-12345678"), disks: [.init(index: 1, gibibytes: 3)])

  private func result() throws -> PlanPreflight.Result {
    let request = PlanPreflight(
      job: plan.job, name: "vm", machine: MachineDescription(name: "vm", cpu: .init(count: 1), memoryBytes: 1 << 30),
      disks: [0, 1].map { .init(index: $0, sizeBytes: (2 << 30) + 5, format: "raw", access: "nbd", boot: $0 == 0) },
      hardware: Hardware(firmware: .bios, arch: "x86_64", controllers: [], nicModel: nil))
    var findings = Findings()
    findings.block("disk.size", "too large", at: "/disks/0")
    return try plan.result(for: request, findings, resources: [Resource(kind: "vm", name: "vm")])
  }

  @Test func theResultSaysWhatBecomesOfEachDisk() throws {
    let result = try result()
    #expect(result.disks.map(\.accepted) == [false, true])
    #expect(result.disks.map(\.effectiveSizeBytes) == [(2 << 30) + 5, 3 << 30])
    #expect(result.disks[0].why != nil)
    #expect(result.plan.id == "test-" + result.plan.digest.prefix(16))
    #expect(result.diagnostics.map(\.code) == ["disk.size"])
    #expect(result.resources.map(\.name) == ["vm"])
  }

  @Test func whatComesBackIsWhatWasMade() throws {
    let made = try result().plan
    #expect(try Plan.read(made) == plan)
    #expect(try Plan.read(made, job: plan.job) == plan)
    #expect(try Plan.read(made).disk(1).gibibytes == 3)
    #expect { try plan.disk(0) } throws: { ($0 as? ConnectorError)?.reason == .invalidParams }
  }

  @Test func anotherPlanIsStale() throws {
    let made = try result().plan
    var changed = made
    changed.state = try JSONValue.encoding(Plan(job: plan.job, disks: []))
    var other = plan
    other.schema = "test-plan/1"
    let state = try JSONValue.encoding(other)
    let older = PlanPreflight.Plan(id: "x", digest: SHA256.hex(try CanonicalJSON.encode(state)), state: state)
    for (plan, job) in [(changed, plan.job), (older, plan.job), (made, JobID("job-other"))] {
      #expect { try Plan.read(plan, job: job) } throws: { ($0 as? ConnectorError)?.reason == .planStale }
    }
  }

  @Test(arguments: [
    ("0198a0c0-0000-7000-8000-0000000000aa", true), ("12345678", true), ("1234567", false), ("", false),
    ("../12345678", false), ("é2345678", false), (String(repeating: "a", count: 64), true),
    (String(repeating: "a", count: 65), false),
  ]) func jobsThatGoIntoNames(id: String, isPlain: Bool) {
    #expect(JobID(id).isPlain() == isPlain)
    if isPlain {
      #expect(throws: Never.self) { try JobID(id).checkPlain() }
    } else {
      #expect { try JobID(id).checkPlain() } throws: { ($0 as? ConnectorError)?.reason == .invalidParams }
    }
  }

  @Test func aShortJobDoesWhereItIsAllowed() {
    #expect(JobID("x").isPlain(1...64))
    #expect(!JobID("").isPlain(1...64))
  }
}
