import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

/// Machines that are there already get other controllers and network interfaces.
@Suite(
  .tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
  .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
struct PromotionTests {
  private static let safe = MachineHardware(controllers: ["sata", "sata"], nicModel: "e1000e")
  private static let fast = MachineHardware(controllers: ["pvscsi", "pvscsi"], nicModel: "vmxnet3")

  private struct Scene {
    var simulator: Simulator
    var host: TestHost
    var plan: PlanPreflight.Plan
    var machine: MachineReference

    func promote(_ hardware: MachineHardware, by other: TestHost? = nil) async throws -> MachinePromote.Result {
      try await (other ?? host).change(
        MachinePromote(op: TestHost.op, job: host.job, plan: plan, machine: machine, hardware: hardware))
    }

    /// The class of each disk's controller, of every controller for disks that is there, and the first NIC.
    func seen() async throws -> (disks: [String], controllers: Set<String>, nic: JSONValue) {
      let devices = try await simulator.read("machine", "safe")["devices"]?.arrayValue ?? []
      let disks = devices.filter { $0["type"] == "VirtualDisk" }.sorted {
        ($0["capacityInKB"]?.integerValue ?? 0) < ($1["capacityInKB"]?.integerValue ?? 0)
      }
      let kinds = DiskController.allCases.filter { $0 != .ide }.map(\.type)
      return (
        disks.map { disk in devices.first { $0["key"] == disk["controllerKey"] }?["type"]?.stringValue ?? "none" },
        Set(devices.compactMap { $0["type"]?.stringValue }).intersection(kinds),
        devices.first { $0["mac"] != nil } ?? .null
      )
    }
  }

  /// A machine of two disks on emulated hardware, finished.
  private func scene(boot: Int = 0) async throws -> Scene {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection())
    let sizes = [4 * Images.mebibyte, 6 * Images.mebibyte]
    let exports = try sizes.enumerated().map { index, size in
      let raw = host.work.file("disk\(index).raw")
      try Images.make(raw, size: size, data: [(Int64(index), 1)])
      return try Export(raw, in: host.work)
    }
    let request = Requests.request(
      host.job, name: "safe", sizes: sizes, controllers: [.sata, .sata], nic: .e1000e,
      nics: [.init(index: 0, mac: "00:50:56:12:34:56", network: "office")], boot: boot,
      mapping: Mapping(networks: ["office": "VM Network"]))
    let (machine, _, plan) = try await host.restore(request, exports, sizes: sizes)
    try await host.commit()
    return Scene(simulator: simulator, host: host, plan: plan, machine: machine)
  }

  @Test(arguments: [0, 1]) func aFinishedMachineIsMovedAndBack(boot: Int) async throws {
    let scene = try await scene(boot: boot)
    let before = try await scene.seen()
    #expect(before.disks == ["VirtualAHCIController", "VirtualAHCIController"])

    let there = try await scene.promote(Self.fast)
    #expect(there == MachinePromote.Result(hardware: Self.fast, previous: Self.safe))
    let moved = try await scene.seen()
    #expect(moved.disks == ["ParaVirtualSCSIController", "ParaVirtualSCSIController"])
    #expect(moved.controllers == ["ParaVirtualSCSIController"], "the empty one is gone")
    #expect(moved.nic["type"] == "VirtualVmxnet3" && moved.nic["mac"] == "00:50:56:12:34:56")
    #expect(moved.nic["network"] == "VM Network" && moved.nic["addressType"] == before.nic["addressType"])
    if boot == 1 {
      let seen = try await scene.simulator.read("machine", "safe")
      let second = seen["devices"]?.arrayValue?.first {
        $0["type"] == "VirtualDisk" && $0["capacityInKB"]?.integerValue == 6 * Images.mebibyte / 1024
      }
      #expect(seen["bootDisks"] == .array([second?["key"] ?? .null]))
    }

    // Another process, asked for the same, has nothing to do; it still bears no mark of the job.
    let other = try await TestHost(scene.simulator.connection(), job: scene.host.job)
    #expect(try await scene.promote(Self.fast, by: other).changed == false)
    #expect(try await other.found().isEmpty)
    #expect(try await other.power(scene.machine, .on) == .on)
    #expect(try await other.verify(scene.machine, ["powered"]).first?.pass == true)
    let running = await refusal { try await scene.promote(Self.safe, by: other) }
    #expect(running?.reason == .existsIncompatible && running?.outcome == Outcome.none)
    #expect(try await other.power(scene.machine, .off) == .off)

    #expect(try await scene.promote(Self.safe, by: other).previous == Self.fast)
    let back = try await scene.seen()
    #expect(back.disks == before.disks && back.controllers == before.controllers)
    #expect(back.nic["type"] == "VirtualE1000e" && back.nic["mac"] == before.nic["mac"])
  }

  @Test func someOfIt() async throws {
    let scene = try await scene()
    let mixed = MachineHardware(controllers: ["nvme", "sata"])
    let result = try await scene.promote(mixed)
    #expect(result.hardware == MachineHardware(controllers: ["nvme", "sata"], nicModel: "e1000e"))
    let seen = try await scene.seen()
    #expect(seen.disks == ["VirtualNVMEController", "VirtualAHCIController"])
    #expect(seen.nic["type"] == "VirtualE1000e")
  }

  @Test func whatIsNotOfferedOrNotOursIsLeftAlone() async throws {
    let scene = try await scene()
    for strange in [
      MachineHardware(controllers: ["floppy", "floppy"]), MachineHardware(controllers: ["pvscsi"]),
      MachineHardware(controllers: ["pvscsi", "pvscsi"], nicModel: "token-ring"),
    ] {
      let error = await refusal { try await scene.promote(strange) }
      #expect(error?.reason == .mappingInvalid && error?.outcome == Outcome.none)
    }
    let stranger = try await TestHost(scene.simulator.connection())
    let foreign = try await stranger.plan(Requests.request(stranger.job, name: "else", sizes: [4 << 20]))
    let error = await refusal {
      try await stranger.change(
        MachinePromote(
          op: TestHost.op, job: stranger.job, plan: foreign, machine: scene.machine,
          hardware: MachineHardware(controllers: ["nvme"])))
    }
    #expect(error?.reason == .notFound)
    #expect(try await scene.seen().disks == ["VirtualAHCIController", "VirtualAHCIController"])
  }
}

/// Layouts that no simulator is needed for.
@Suite struct HardwareLayoutTests {
  private let plan = MachinePlan(
    job: JobID("j"), name: "vm", delivery: .lease, guestID: "otherGuest", cpuCount: 1, coresPerSocket: 1,
    memoryBytes: 1 << 29, firmware: .bios, secureBoot: false, tpm: false, isWindows: false,
    disks: (0..<2).map {
      .init(index: $0, sizeBytes: 4 << 20, controller: .sata, bus: 0, unit: $0, boot: $0 == 0, provisioning: .thin)
    }, nics: [], tags: [:])

  private func device(_ type: String, _ members: [String: String]) -> XMLNode {
    var node = XMLNode(name: "VirtualDevice")
    node.type = type
    node.children = members.map { key, value in
      var child = XMLNode(name: key)
      child.text = value
      return child
    }
    return node
  }

  private func disk(_ key: Int, on controller: Int, unit: Int, kibibytes: Int = 4096) -> XMLNode {
    device(
      "VirtualDisk",
      [
        "key": "\(key)", "controllerKey": "\(controller)", "unitNumber": "\(unit)", "capacityInKB": "\(kibibytes)",
      ])
  }

  @Test func disksThatSomebodyMovedAreNotGuessedAt() {
    let sata = device("VirtualAHCIController", ["key": "15000", "busNumber": "0"])
    let scsi = device("ParaVirtualSCSIController", ["key": "1001", "busNumber": "1"])
    let asMade = HardwareLayout(devices: [sata, disk(1, on: 15000, unit: 0), disk(2, on: 15000, unit: 1)])
    #expect(asMade.places(of: plan)?.map(\.controllerKey) == [15000, 15000])
    // Another bus is no matter; a disk that grew neither.
    let promoted = HardwareLayout(
      devices: [sata, scsi, disk(1, on: 1001, unit: 0, kibibytes: 9000), disk(2, on: 1001, unit: 1)])
    #expect(promoted.places(of: plan) == nil)
    #expect(promoted.places(of: plan, or: plan)?.controllers == ["pvscsi", "pvscsi"])
    for changed in [
      [sata, disk(1, on: 15000, unit: 0), disk(2, on: 15000, unit: 5)], [sata, disk(1, on: 15000, unit: 0)],
      [sata, disk(1, on: 15000, unit: 0), disk(2, on: 15000, unit: 1, kibibytes: 8)],
    ] {
      #expect(HardwareLayout(devices: changed).places(of: plan, or: plan) == nil)
    }
  }
}
