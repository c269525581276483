import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct HyperVReaderTests {
  private static let disks = "C:\\ClusterStorage\\Volume1\\web\\Virtual Hard Disks\\"

  /// An export with a checkpoint: a VHDX, a differencing one on it, and what each reads.
  private func export(_ folder: TestFolder, xml: Bool = false, generation: Int64 = 2) async throws -> (
    now: [UInt8], then: [UInt8]
  ) {
    for name in ["e/Virtual Machines", "e/Virtual Hard Disks", "e/Snapshots"] {
      try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
    }
    try await folder.disk("e/Virtual Hard Disks/web.vhdx", "vhdx", options: "block_size=1M")
    _ = try await Tool.output(
      "qemu-img", ["convert", "-O", "raw", folder("e/Virtual Hard Disks/web.vhdx"), folder("then.raw")])
    let then = try folder.bytes("then.raw")
    var child = TestVHDX(size: then.count)
    child.parentLinkage = try TestVHDX.identifier(of: folder("e/Virtual Hard Disks/web.vhdx"))
    child.parentNames = ["absolute_win32_path": Self.disks + "WEB.vhdx"]
    child.blocks = [0: .partly([1: Array(repeating: 0x5a, count: 512)]), 2: .full(Array(repeating: 7, count: 1 << 20))]
    var now = then
    now.replaceSubrange(512..<1024, with: Array(repeating: 0x5a, count: 512))
    now.replaceSubrange((2 << 20)..<(3 << 20), with: Array(repeating: 7, count: 1 << 20))
    try folder.write("e/Virtual Hard Disks/web_A1.avhdx", child.bytes())
    try configuration(folder, TestVMCX.machine([Self.disks + "web_A1.avhdx"], generation: generation), xml: xml)
    try configuration(
      folder,
      TestVMCX.machine(
        [Self.disks + "web.vhdx"], name: "before the update", generation: generation,
        created: (1_733_360_531 + 11_644_473_600) * 10_000_000 + 2_500_000), xml: xml, "Snapshots/C0FFEE")
    return (now, then)
  }

  private func configuration(
    _ folder: TestFolder, _ root: [(String, TestVMCX.Value)], xml: Bool = false, _ name: String = "Virtual Machines/A"
  ) throws {
    try folder.write(
      "e/\(name).\(xml ? "xml" : "vmcx")", xml ? TestHyperVText.bytes(root) : TestVMCX(root: root).bytes)
  }

  private func same(_ folder: TestFolder, _ backup: Backup, _ content: [UInt8], _ name: String) async throws -> Bool {
    try folder.write("wanted.raw", content)
    let overlay = try await Overlay.create(at: folder(name), over: backup.disks[0].chain)
    let result = try await Tool.run("qemu-img", ["compare", "-F", "raw", overlay.blockdevJSON(), folder("wanted.raw")])
    return result.exitCode == 0
  }

  @Test(arguments: [(false, 2), (true, 1), (true, 2), (false, 1)]) func anExport(_ xml: Bool, _ generation: Int64)
    async throws
  {
    let folder = try TestFolder()
    let (now, then) = try await export(folder, xml: xml, generation: generation)
    let before = try folder.fingerprint()
    let backup = try await BackupReader.read(folder("e"))
    #expect(try folder.fingerprint() == before)
    #expect(backup.kind == .hyperv && backup.platform == "hyperv" && backup.product == "configuration version 9.0")
    let machine = backup.machine
    #expect(machine.name == "web-01" && machine.notes == "the web server")
    #expect(machine.cpu == .init(count: 4) && machine.memoryBytes == 2 << 30)
    #expect(machine.firmware == .init(type: generation == 2 ? .uefi : .bios, secureBoot: generation == 2, tpm: true))
    let controller = generation == 2 ? "scsi0" : "ide0"
    #expect(machine.controllers == [.init(id: controller, bus: generation == 2 ? "vmbus" : "ide")])
    #expect(
      machine.disks == [
        .init(index: 0, name: "web_A1.avhdx", sizeBytes: 4 << 20, boot: true, controller: controller, unit: 0)
      ])
    #expect(machine.nics == [.init(index: 0, model: "netvsc", mac: "00:15:5d:0a:0b:0c", network: "External")])
    #expect(machine.identity.source["hyperv:id"] == "4D7A1C1E-0000-4000-8000-00000000000A")
    #expect(backup.points.map(\.id) == ["checkpoint-c0ffee", "current"])
    #expect(backup.points[0].name == "before the update" && backup.points[1].parent == "checkpoint-c0ffee")
    #expect(backup.points[0].takenAt == "2024-12-05T01:02:11.250Z" && backup.points[1].takenAt == nil)
    let losses = Dictionary(backup.losses.map { ($0.property, $0.value ?? "") }, uniquingKeysWith: { one, _ in one })
    #expect(losses["DVD drive \(controller):9"] == "D:\\iso\\a.iso")
    #expect(losses["settings/processors"] == "limit=100000")
    #expect(losses["settings/memory"] == "bank/dynamic_memory_enabled=true")
    #expect(losses["vTPM contents"] != nil)
    #expect(losses["_\(TestVMCX.adapter)_"]?.contains("FriendlyName=Network Adapter") == true)
    #expect(try await same(folder, backup, now, "now.qcow2"))
    #expect(try await same(folder, backup.at("checkpoint-c0ffee"), then, "then.qcow2"))
    #expect(try await BackupReader.verify(backup).passed)
    for path in ["e/Virtual Machines", "e/Virtual Machines/A.\(xml ? "xml" : "vmcx")"] {
      #expect(try await BackupReader.read(folder(path)).machine == machine)
    }
  }

  private func refusal(_ change: (TestFolder) throws -> Void) async throws -> AscendError {
    let folder = try TestFolder()
    _ = try await export(folder)
    try change(folder)
    return try await folder.refusal(folder("e"))
  }

  @Test func aMissingLinkAndAMissingDisk() async throws {
    #expect(try await refusal { unlink($0("e/Virtual Hard Disks/web.vhdx")) }.code == "disk.parentMissing")
    #expect(try await refusal { unlink($0("e/Virtual Hard Disks/web_A1.avhdx")) }.code == "backup.diskMissing")
  }

  @Test func aLogThatWasNotReplayed() async throws {
    let error = try await refusal { folder in
      var image = TestVHDX(size: 4 << 20)
      image.dirty = true
      try folder.write("e/Virtual Hard Disks/dirty.vhdx", image.bytes())
      try configuration(folder, TestVMCX.machine([Self.disks + "dirty.vhdx"]))
    }
    #expect(error.code == "disk.dirtyLog")
  }

  @Test func aDiskOutOfTheFolderIsNotOpened() async throws {
    let error = try await refusal { folder in
      try folder.write("secret.vhdx", TestVHDX(size: 4 << 20).bytes())
      try configuration(folder, TestVMCX.machine([folder("secret.vhdx")]))
    }
    #expect(error.code == "backup.diskMissing")
  }

  @Test func xmlThatExplodes() async throws {
    let error = try await refusal { folder in
      unlink(folder("e/Virtual Machines/A.vmcx"))
      let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>"
      let text = TestHyperVText.text(TestVMCX.machine([])).replacing("?><", with: "?>\(bomb)<")
      try folder.write("e/Virtual Machines/A.xml", TestHyperVText.utf16(text))
    }
    #expect(["backup.descriptorMalformed", "backup.notRecognised"].contains(error.code.rawValue))
  }
}
