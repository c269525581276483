import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(
  .tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
  .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
struct RestoreTests {
  static let mebibyte = Images.mebibyte

  @Test(arguments: [FirmwareType.bios, .uefi])
  func oneDisk(_ firmware: FirmwareType) async throws {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection())
    let size = 9 * Self.mebibyte + 1024
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: size, data: [(0, 2), (5, 1)])
    let export = try Export(raw, in: host.work)
    let request = Requests.request(
      host.job, name: "restored", sizes: [size], firmware: firmware, secureBoot: firmware == .uefi,
      nics: [.init(index: 0, mac: "00:50:56:12:34:56", network: "office")],
      cpu: .init(count: 4, coresPerSocket: 2),
      guest: .init(understood: true, family: "linux", distribution: "debian", version: "10.3", architecture: "x86_64"),
      mapping: Mapping(networks: ["office": "VM Network"]))
    let (machine, disks, _) = try await host.restore(request, [export], sizes: [size])

    let sha = try #require(disks[0].disk["sha256"]?.stringValue)
    #expect(try await Images.same(raw, simulator.upload(sha)))
    #expect(try await Images.isSound(simulator.upload(sha)))
    #expect(disks[0].bytesSkipped == 6 * Self.mebibyte + 1024)

    let seen = try await simulator.read("machine", "restored")
    #expect(seen["cpus"] == 4)
    #expect(seen["coresPerSocket"] == 2)
    #expect(seen["memoryMB"] == 512)
    #expect(seen["firmware"]?.stringValue == (firmware == .uefi ? "efi" : "bios"))
    #expect(seen["secureBoot"]?.boolValue == (firmware == .uefi))
    #expect(seen["guestId"]?.stringValue == "debian10_64Guest")
    #expect(seen["annotation"]?.stringValue?.contains("It was a good machine.") == true)
    #expect(seen["extra"]?["ascend.job"]?.stringValue == host.job.rawValue)
    let devices = seen["devices"]?.arrayValue ?? []
    let disk = try #require(devices.first { $0["type"] == "VirtualDisk" })
    #expect(disk["capacityInKB"]?.integerValue == size / 1024)
    #expect(disk["thin"] == true)
    let controller = try #require(devices.first { $0["key"] == disk["controllerKey"] })
    #expect(controller["type"] == "ParaVirtualSCSIController")
    let nic = try #require(devices.first { $0["type"] == "VirtualVmxnet3" })
    #expect(nic["mac"] == "00:50:56:12:34:56")
    #expect(nic["network"] == "VM Network")

    #expect(try await host.power(machine, .on) == .on)
    let checks = try await host.verify(machine, ["powered", "screenshot"])
    #expect(checks[0].pass)
    #expect(checks[1].pass || checks[1].inconclusive == true)
    #expect(try await host.rollBack() == [.deleted])
    #expect(try await simulator.read("machines").arrayValue?.contains("restored") == false)
  }

  @Test func theDiskThatWasReadIsToldByItsDigest() async throws {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection())
    let size = 5 * Self.mebibyte + 1024
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: size, data: [(0, 2), (4, 1)])
    let export = try Export(raw, in: host.work)
    let plan = try await host.plan(Requests.request(host.job, name: "told", sizes: [size]))
    var source = TestHost.nbd(export, size: size)
    source.digest = "ascend1:" + String(repeating: "0", count: 64)
    let offered = source
    let error = await refusal { try await host.receive(plan, 0, offered) }
    #expect(error?.reason == .dataCorrupt)
    #expect(try await host.found() == [])

    source.digest = Images.digest(raw)
    let known = source
    #expect(try await host.receive(plan, 0, known).digest == Images.digest(raw))
    // It has arrived: the answer is known, and not read again.
    export.end()
    let again = try await TestHost(simulator.connection(), job: host.job)
    #expect(try await again.receive(plan, 0, known).digest == Images.digest(raw))
    #expect(try await again.receive(plan, 0, known, digest: false).digest == nil)
    #expect(try await host.rollBack() == [.deleted])
  }

  @Test func severalDisksSideBySide() async throws {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection())
    let sizes = [8 * Self.mebibyte, 12 * Self.mebibyte, 4 * Self.mebibyte]
    var exports: [Export] = []
    for (index, size) in sizes.enumerated() {
      let raw = host.work.file("disk\(index).raw")
      try Images.make(raw, size: size, data: [(Int64(index), 2)])
      exports.append(try Export(raw, in: host.work))
    }
    let request = Requests.request(
      host.job, name: "trio", sizes: sizes, controllers: [.pvscsi, .nvme, .sata], boot: 1,
      mapping: Mapping(storage: ["1": "LocalDS_1", "*": "LocalDS_0"], tags: ["owner": "accounting"]))
    let (machine, disks, plan) = try await host.restore(request, exports, sizes: sizes)
    for (index, disk) in disks.enumerated() {
      let sha = try #require(disk.disk["sha256"]?.stringValue)
      #expect(try await Images.same(host.work.file("disk\(index).raw"), simulator.upload(sha)))
    }
    let seen = try await simulator.read("machine", "trio")
    let devices = seen["devices"]?.arrayValue ?? []
    let found = devices.filter { $0["type"] == "VirtualDisk" }
    #expect(found.compactMap { $0["capacityInKB"]?.integerValue } == sizes.map { $0 / 1024 })
    let types = found.map { disk in devices.first { $0["key"] == disk["controllerKey"] }?["type"]?.stringValue }
    #expect(types == ["ParaVirtualSCSIController", "VirtualNVMEController", "VirtualAHCIController"])
    #expect(found[1]["file"]?.stringValue?.hasPrefix("[LocalDS_1]") == true)
    #expect(seen["bootDisks"] == .array([found[1]["key"] ?? .null]))
    // What carried the disks is gone.
    let machines = try await simulator.read("machines").arrayValue?.compactMap(\.stringValue) ?? []
    #expect(machines.filter { $0.hasPrefix("trio") } == ["trio"])

    // Sent again, in another process, nothing is made or moved a second time.
    let uploads = simulator.uploadNames
    let second = try await TestHost(simulator.connection(), job: host.job)
    let again = try await second.receive(plan, 1, TestHost.nbd(exports[1], size: sizes[1]))
    #expect(again == disks[1])
    #expect(try await second.create(plan, disks).id == machine.id)
    #expect(simulator.uploadNames == uploads)

    let configured = try await host.change(
      MachineConfigure(
        op: TestHost.op, job: host.job, plan: plan, machine: machine, tags: ["site": "north"], notes: "n"))
    #expect(configured.applied == ["notes", "tags"])
    let tagged = try await simulator.read("machine", "trio")
    #expect(tagged["attributes"] == ["owner": "accounting", "site": "north"])

    try await host.commit()
    #expect(try await host.found().isEmpty)
    let kept = try await simulator.read("machine", "trio")
    #expect(kept["extra"]?["ascend.job"] == "")
    // Kept, it is nobody's business of this job any more.
    let gone = Resource(kind: "machine", name: "trio", remoteID: machine.id)
    #expect(try await host.delete([gone]).map(\.state) == [.foreign])
  }
}
