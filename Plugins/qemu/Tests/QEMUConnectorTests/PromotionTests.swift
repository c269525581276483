import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

/// Machines that are there already get other controllers and network interfaces.
@Suite struct PromotionTests {
  private let scratch: Scratch
  private let size = 4 * mebibyte
  private let safe = MachineHardware(controllers: ["sata"], nicModel: "e1000e")
  private let fast = MachineHardware(controllers: ["virtio-blk"], nicModel: "virtio-net-pci")

  init() throws { scratch = try Scratch() }

  private struct Scene {
    var host: TestHost
    var plan: PlanPreflight.Plan
    var machine: MachineReference
    var folder: MachineFolder
  }

  private func scene(_ hardware: MachineHardware, firmware: FirmwareType = .bios) async throws -> Scene {
    let image = scratch.file("source.raw")
    try Images.make(image, size: size, data: [(1, 1)])
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    var request = Plans.request(
      job: job, size: size, allocated: mebibyte, controller: hardware.controllers[0], firmware: firmware,
      machine: Plans.machine(
        memoryBytes: 64 * mebibyte, nics: [.init(index: 0, mac: "52:54:00:12:34:56", network: "user")]))
    request.hardware.nicModel = hardware.nicModel
    let plan = try await host.plan(request)
    _ = try await host.prepare(plan)
    let disk = try await host.receive(plan, TestHost.nbd(export, size: size))
    let machine = try await host.create(plan, disk.disk)
    let resources = try await host.harness.request(ResourcesFind(job: job)).resources
    _ = try await host.change(JobCommit(op: TestHost.op, job: job, resources: resources))
    return Scene(host: host, plan: plan, machine: machine, folder: MachineFolder(path: host.machines + "/vm"))
  }

  private func promote(_ scene: Scene, _ hardware: MachineHardware) async throws -> MachinePromote.Result {
    try await scene.host.change(
      MachinePromote(
        op: TestHost.op, job: scene.host.job, plan: scene.plan, machine: scene.machine, hardware: hardware))
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test(arguments: [FirmwareType.bios, .uefi]) func `to virtio and back, after the restore is finished`(
    firmware: FirmwareType
  ) async throws {
    if firmware == .uefi, Firmware.find(secureBoot: false) == nil { return }
    let scene = try await scene(safe, firmware: firmware)
    let (script, domain) = (try text(scene.folder.run), try text(scene.folder.domain))
    #expect(script.contains("ide-hd,drive=disk0,bus=ide.0") && script.contains("e1000e,mac=52:54:00:12:34:56"))

    let there = try await promote(scene, fast)
    #expect(there == MachinePromote.Result(hardware: fast, previous: safe) && there.changed)
    let promoted = try text(scene.folder.run)
    #expect(promoted.contains("virtio-blk-pci,drive=disk0,bootindex=1") && !promoted.contains("ide-hd"))
    #expect(promoted.contains("virtio-net-pci,mac=52:54:00:12:34:56") && !promoted.contains("e1000e"))
    #expect(promoted.contains("-machine q35,"))
    #expect(try text(scene.folder.domain).contains(#"<target dev="vda" bus="virtio"/>"#))
    #expect(try await tool("virt-xml-validate", scene.folder.domain, "domain").exit == .code(0))
    #expect(try text(scene.folder.runBefore) == script)
    #expect(access(scene.folder.run, X_OK) == 0)

    // Another process, asked for the same, has nothing to do.
    let again = Scene(
      host: try await TestHost(scratch, job: scene.host.job), plan: scene.plan, machine: scene.machine,
      folder: scene.folder)
    #expect(try await promote(again, fast) == MachinePromote.Result(hardware: fast, previous: fast))
    #expect(try text(scene.folder.run) == promoted)
    // It starts as it is described now.
    #expect(try await again.host.power(scene.machine, .on) == .on)
    let words = try #require(MachineProcess.find(scene.folder)).number
    let command = try Descriptor.open("/proc/\(words)/cmdline", O_RDONLY).read(from: 0, limit: 1 << 16)
    #expect(String(decoding: command, as: UTF8.self).contains("virtio-blk-pci"))
    await #expect { try await promote(again, safe) } throws: {
      let error = $0 as? ConnectorError
      return error?.reason == .existsIncompatible && error?.outcome == Outcome.none
    }
    #expect(try await again.host.power(scene.machine, .off) == .off)

    let back = try await promote(again, safe)
    #expect(back == MachinePromote.Result(hardware: safe, previous: fast))
    #expect(try text(scene.folder.run) == script && text(scene.folder.domain) == domain)
    #expect(try MachineMark.read(scene.folder)?.committed == true)
    #expect(try await again.host.found().isEmpty)
  }

  @Test(arguments: [
    MachineHardware(controllers: ["floppy"]), MachineHardware(controllers: []),
    MachineHardware(controllers: ["virtio-blk"], nicModel: "token-ring"),
  ]) func `what is not offered changes nothing`(_ hardware: MachineHardware) async throws {
    let scene = try await scene(safe)
    let script = try text(scene.folder.run)
    await #expect { try await promote(scene, hardware) } throws: {
      let error = $0 as? ConnectorError
      return error?.reason == .mappingInvalid && error?.outcome == Outcome.none
    }
    #expect(try text(scene.folder.run) == script)
    #expect(!FileManager.default.fileExists(atPath: scene.folder.runBefore))
  }

  @Test func `a failure leaves what was there, and an interruption is made good`() async throws {
    let scene = try await scene(safe)
    let script = try text(scene.folder.run)
    // Nothing can be written where a folder lies in the way.
    let obstacle = scene.folder.run + ".new"
    try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
    await #expect(throws: ConnectorError.self) { try await promote(scene, fast) }
    try FileManager.default.removeItem(atPath: obstacle)
    #expect(try text(scene.folder.run) == script)
    #expect(try MachineMark.read(scene.folder)?.hardware == nil)

    // Killed between the files and the mark: the files are written anew, asked for whatever.
    let store = MachineStore(path: scene.host.machines)
    try store.update("vm", by: scene.host.job) { $0.isRewriting = true }
    try Data("half".utf8).write(to: URL(filePath: scene.folder.run))
    #expect(try await promote(scene, safe).changed == false)
    #expect(try text(scene.folder.run) == script)
    #expect(try MachineMark.read(scene.folder)?.isRewriting == nil)
  }

  @Test func `the mainboard stays where it can`() throws {
    let old = Plans.plan(controllers: [.ide, .ide], nic: .e1000)
    let fast = try old.attached(by: MachineHardware(controllers: ["virtio-blk", "virtio-blk"]))
    #expect(fast.board == .pc && fast.nics[0].model == .e1000)
    #expect(try fast.attached(by: old.devices) == old)
    #expect(try old.attached(by: MachineHardware(controllers: ["sata", "sata"])).board == .q35)
    #expect(throws: ConnectorError.self) { try old.attached(by: MachineHardware(controllers: ["ide", "sata"])) }
  }

  @Test func `a machine of another job is left alone`() async throws {
    let scene = try await scene(safe)
    let script = try text(scene.folder.run)
    let other = try await TestHost(scratch, job: Plans.job())
    let plan = try await other.plan(Plans.request(job: other.job, name: "other", size: size))
    let request = MachinePromote(
      op: TestHost.op, job: other.job, plan: plan, machine: scene.machine, hardware: fast)
    await #expect { try await other.change(request) } throws: { ($0 as? ConnectorError)?.reason == .notFound }
    #expect(try text(scene.folder.run) == script)
  }
}
