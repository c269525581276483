import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// Each layer of a chain is a restore point, whoever describes the machine.
@Suite struct ChainPointsTests {
  private static let names = ["base.qcow2", "mon.qcow2", "tue.qcow2"]

  private func expectEachState(_ backup: Backup, _ copies: TestCopies, _ ids: [String]) async throws {
    #expect(backup.points.map(\.id) == ids)
    #expect(backup.points.map(\.parent) == [nil] + ids.dropLast().map(Optional.some))
    #expect(backup.points.last?.disks == backup.disks)
    for (place, id) in ids.enumerated() {
      #expect(try await reads(try backup.at(id).disks[0].chain, like: copies.contents[place]), "\(id)")
    }
    #expect(try await BackupReader.verify(backup).passed)
  }

  @Test func ofALibvirtDomain() async throws {
    let folder = try TestFolder()
    let copies = try await TestCopies(folder, Self.names) { "/var/lib/libvirt/images/\($0)" }
    try folder.json("web.xml", TestDomain.text(TestDomain.disk("vda", "/var/lib/libvirt/images/tue.qcow2")))
    try await expectEachState(try await BackupReader.read(folder("web.xml")), copies, ["base", "mon", "tue"])
  }

  /// Layers that are called by UUIDs, of which the description names only the newest.
  @Test func ofDisksBesideTheirDescription() async throws {
    let folder = try TestFolder()
    let base = "aaaaaaaa-1111-4222-8333-944455556666"
    let copies = try await TestCopies(folder, ["\(base).qcow2", "\(CloudStackTests.rootPath).qcow2"])
    try folder.json("vm.json", CloudStackTests.machine)
    try folder.json(
      "volumes.json",
      """
      [{"id": "v-1", "name": "ROOT-3", "type": "ROOT", "deviceid": 0, "path": "\(CloudStackTests.rootPath)",
        "virtualmachineid": "\(CloudStackTests.id)"}]
      """)
    let backup = try await BackupReader.read(folder.path)
    try await expectEachState(backup, copies, [base, CloudStackTests.rootPath])
    #expect(backup.findings.contains { $0.contains("2 restore points") })
  }

  /// Deltas that no `.vmsd` tells of: what is there counts.
  @Test func ofAVMXWithoutAListOfSnapshots() async throws {
    let folder = try TestFolder()
    try await folder.disk("web.vmdk", "vmdk")
    _ = try await Tool.output(
      "qemu-img",
      ["create", "-q", "-f", "vmdk", "-b", folder("web.vmdk"), "-F", "vmdk", folder("web-000001.vmdk")])
    try folder.json(
      "web.vmx", TestVMX.text.replacing("sata0:1.present = \"TRUE\"", with: "sata0:1.present = \"FALSE\""))
    for list in ["", "snapshot.numSnapshots = \"0\"\n"] {
      try folder.json("web.vmsd", list)
      let backup = try await BackupReader.read(folder("web.vmx"))
      #expect(backup.points.map(\.id) == ["web", "web-000001"])
      #expect(try backup.at("web").disks[0].chain.layers.count == 1)
    }
  }

  @Test func ofAnExportWithoutCheckpoints() async throws {
    let folder = try TestFolder()
    for name in ["Virtual Machines", "Virtual Hard Disks"] { try folder.folder(name) }
    try await folder.disk("Virtual Hard Disks/web.vhdx", "vhdx", options: "block_size=1M")
    var child = TestVHDX(size: 4 << 20)
    child.parentLinkage = try TestVHDX.identifier(of: folder("Virtual Hard Disks/web.vhdx"))
    child.parentNames = ["absolute_win32_path": "C:\\VMs\\web.vhdx"]
    try folder.write("Virtual Hard Disks/web_A1.avhdx", child.bytes())
    let machine = TestVMCX.machine(["C:\\VMs\\Virtual Hard Disks\\web_A1.avhdx"])
    try folder.write("Virtual Machines/A.vmcx", TestVMCX(root: machine).bytes)
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.points.map(\.id) == ["web", "web_A1"])
  }

  /// Nothing says which states of the two belong together: that only the newest are taken is said.
  @Test func chainsOfDifferentLengths() async throws {
    let folder = try TestFolder()
    _ = try await TestCopies(folder, ["a.qcow2", "b.qcow2"])
    try await folder.disk("z.qcow2", "qcow2")
    for (machine, options) in [
      ("b.qcow2", ReadOptions(disks: [folder("z.qcow2")])), ("web.xml", ReadOptions()),
    ] {
      try folder.json("web.xml", TestDomain.text(TestDomain.disk("vda", "b.qcow2") + TestDomain.disk("vdb", "z.qcow2")))
      let backup = try await BackupReader.read(folder(machine), options: options)
      #expect(backup.disks.map(\.chain.layers.count) == [2, 1] && backup.points.isEmpty)
      #expect(backup.findings.contains { $0.contains("different lengths (2, 1 images)") }, "\(machine)")
    }
    let equal = try await BackupReader.read(folder("z.qcow2"))
    #expect(equal.points.isEmpty && !equal.findings.contains { $0.contains("different lengths") })
  }

  /// The states of a chain that was looked at are told without another look: the files are gone.
  @Test func nothingIsCheckedTwice() async throws {
    let folder = try TestFolder()
    _ = try await TestCopies(folder, Self.names)
    var known = CheckedChains()
    let layers = try DiskChain.parents(of: folder("tue.qcow2"), within: folder.path)
    let chain = try await DiskChain.resolve(layers, within: folder.path, known: &known)
    for name in Self.names { unlink(folder(name)) }
    var findings: [String] = []
    let points = try await ChainPoints.of(
      [BackupDisk(index: 0, chain: chain)], within: folder.path, known: &known, findings: &findings)
    #expect(points.map(\.disks[0].chain.layers) == (1...3).map { Array(chain.layers.prefix($0)) })
    #expect(points.map(\.disks[0].chain.virtualSizeBytes) == [Int64](repeating: Int64(TestCopies.size), count: 3))
    #expect(findings.isEmpty)
    var nothing = CheckedChains()
    await #expect(throws: AscendError.self) {
      _ = try await ChainPoints.of(
        [BackupDisk(index: 0, chain: chain)], within: folder.path, known: &nothing, findings: &findings)
    }
  }
}
