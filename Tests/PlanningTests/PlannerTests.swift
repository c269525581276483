import ConnectorProtocol
import Foundation
import Planning
import Testing

@Suite struct PlannerTests {
  @Test func rendersAWholePlan() throws {
    let plan = Planner.draft(.sample()).merging(preflight: .sample())
    try Golden.expect(PlanText.render(plan), matches: "plan")
  }

  @Test func rendersABlockedPlan() throws {
    let plan = Planner.draft(
      .sample {
        $0.mapping = Mapping(diskFormat: "vdi")
        $0.guest = .strange
        $0.machineName = "Web\u{1B}[2J"
        $0.machine.firmware = .init(type: .uefi, secureBoot: true, tpm: true)
        $0.document.boot = [.init(firmware: .bios, arch: "x86_64")]
      })
    #expect(plan.isBlocked)
    let text = PlanText.render(plan)
    #expect(!text.contains("\u{1B}"))
    try Golden.expect(text, matches: "plan-blocked")
  }

  @Test func survivesJSON() throws {
    let plan = Planner.draft(.sample()).merging(preflight: .sample())
    let json = try JSONValue.encoding(plan)
    #expect(json["schema"] == "plan/1")
    #expect(json["blocked"] == false)
    #expect(try json.decode(RestorePlan.self) == plan)
  }

  @Test func theSameInputsGiveTheSamePlan() throws {
    let inputs = PlannerInputs.sample { $0.machine = .withDisks(4) }
    let first = try CanonicalJSON.encode(Planner.draft(inputs))
    for _ in 0..<5 { #expect(try CanonicalJSON.encode(Planner.draft(inputs)) == first) }
  }

  @Test func onlyTheSystemDiskIsPrepared() {
    let plan = Planner.draft(
      .sample {
        $0.machine = .withDisks(2)
        $0.disks = (0..<2).map { .init(index: $0, formats: ["raw"], virtualSizeBytes: gib) }
      })
    #expect(plan.preparation.planned)
    #expect(plan.disks.map { $0.path.chosen.contains { $0.edge == .guestPrepare } } == [true, false])
    #expect(plan.disks.map(\.boot) == [true, false])
  }

  @Test(arguments: PreparationMode.allCases) func preparesOnlyWhereAsked(mode: PreparationMode) {
    let plan = Planner.draft(.sample { $0.preparation = mode })
    #expect(plan.preparation.mode == mode)
    #expect(plan.preparation.planned == (mode == .auto))
    #expect(plan.preparation.needs.isEmpty == (mode == .never))
  }

  @Test(arguments: [nil, "keep", "renew"]) func theIdentityIsKeptUnlessItIsToBeNew(_ choice: String?) throws {
    let inputs = PlannerInputs.sample {
      $0.mapping.identity = choice
      $0.machine.identity = .init(uuid: "5f1c8a52-7c33-4f0e-9c3c-0a8b1f6f1d11", source: ["id": "old"])
      $0.machine.nics = [.init(index: 0, mac: "52:54:00:12:34:56", network: "office")]
    }
    let request = Planner.preflight(for: Planner.draft(inputs), from: inputs, job: JobID("j"))
    let keeps = choice != "renew"
    #expect((request.machine.identity.uuid != nil) == keeps)
    #expect((request.machine.nics[0].mac != nil) == keeps)
    #expect(request.machine.nics[0].network == "office")
    #expect(request.machine.identity.source == ["id": "old"])
  }

  @Test func memoryComesInSteps() {
    let plan = Planner.draft(.sample { $0.machine.memoryBytes = 2 * gib + 1 })
    #expect(plan.memoryBytes == 2 * gib + 256 * mib)
    #expect(plan.adjustments.map(\.at) == ["/machine/memoryBytes"])
    let huge = Planner.draft(.sample { $0.machine.memoryBytes = .max })
    #expect(huge.isBlocked)
  }

  @Test func sizesThatAreRoundedAreSaid() {
    let plan = Planner.draft(
      .sample {
        $0.document.disks.accepts = Accepts.blockService
        $0.disks[0].virtualSizeBytes = 10 * gib + 1
      })
    #expect(plan.disks.first?.effectiveSizeBytes == 11 * gib)
    #expect(plan.adjustments.map(\.at) == ["/disks/0/sizeBytes"])
    #expect(plan.adjustments.first?.why == "sizes there are multiples of 1 GiB")
  }

  @Test func theEstimateCountsWhatMoves() {
    let plan = Planner.draft(.sample())
    #expect(plan.estimate.bytesToMove == 2 * gib)
    #expect(plan.estimate.stagingBytes == 256 * mib)
    #expect(plan.estimate.secondsLow > 80 && plan.estimate.secondsLow < plan.estimate.secondsHigh)
    let staged = Planner.draft(.sample { $0.document.disks.accepts = Accepts.fileVHDX })
    #expect(staged.estimate.stagingBytes > 2 * gib)
  }

  @Test func asksTheConnectorWhatItPlanned() throws {
    let inputs = PlannerInputs.sample {
      $0.mapping = Mapping(networks: ["*": "br0"], cpuCount: 4, options: ["zone": "a"])
      $0.machineName = "renamed"
    }
    let plan = Planner.draft(inputs)
    let request = Planner.preflight(for: plan, from: inputs, job: JobID("j"))
    #expect(request.name == "renamed")
    #expect(request.machine.cpu.count == 4)
    #expect(request.options == ["zone": "a"])
    #expect(request.hardware == plan.hardware)
    let disk = try #require(request.disks.first)
    #expect(disk.format == "raw" && disk.access == "nbd" && disk.boot)
    #expect(disk.sizeBytes == 10 * gib && disk.allocatedBytes == 2 * gib)
  }

  @Test func thePlanShowsWhatIsInTheGuest() throws {
    var plan = Planner.draft(.sample())
    #expect(!PlanText.render(plan).contains("2 kernels"))
    plan.guest = .linux()
    plan.guest?.bootLoader = "grub2"
    plan.guest?.firmware = .bios
    plan.guest?.volumeManagers = ["lvm"]
    plan.guest?.agents = ["vmware-tools"]
    #expect(PlanText.render(plan).contains("  debian 12.5, 2 kernels, grub2 with bios, lvm, has vmware-tools\n"))
    plan.guest = .strange
    #expect(PlanText.render(plan).contains("  not understood: its disks are encrypted\n"))
  }
}
