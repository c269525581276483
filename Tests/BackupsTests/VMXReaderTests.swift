import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct VMXReaderTests {
  /// A machine's folder with a snapshot, made elsewhere and moved; what its first disk reads now and then.
  private func machine(_ folder: TestFolder, flat: Bool = false) async throws -> (now: String, then: String) {
    let old = folder("old")
    try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
    try await folder.disk("old/web.vmdk", "vmdk", options: flat ? "subformat=monolithicFlat" : nil)
    try await folder.disk(
      "old/web_1.vmdk", "vmdk", size: 6 << 20, seed: 9, options: "subformat=twoGbMaxExtentSparse")
    let then = folder("then.raw")
    _ = try await Tool.output("qemu-img", ["convert", "-O", "raw", old + "/web.vmdk", then])
    _ = try await Tool.output(
      "qemu-img", ["create", "-q", "-f", "vmdk", "-b", old + "/web.vmdk", "-F", "vmdk", old + "/web-000001.vmdk"])
    _ = try await Tool.output(
      "qemu-io", ["-f", "vmdk", "-c", "write -P 0x5a 1M 192k", "-c", "write -z 0 4k", old + "/web-000001.vmdk"])
    let now = folder("now.raw")
    _ = try await Tool.output("qemu-img", ["convert", "-O", "raw", old + "/web-000001.vmdk", now])
    try folder.write("old/web.vmx", TestVMX.text.utf8)
    try folder.write("old/web.vmsd", TestVMX.snapshots.utf8)
    try FileManager.default.moveItem(atPath: old, toPath: folder("web"))
    return (now, then)
  }

  private func same(_ chain: DiskChain, _ raw: String) async throws -> Bool {
    let result = try await Tool.run("qemu-img", ["compare", "-F", "raw", chain.blockdevJSON(), raw])
    return result.exitCode == 0
  }

  @Test(arguments: [false, true]) func aMachineWithASnapshot(flat: Bool) async throws {
    let folder = try TestFolder()
    let (now, then) = try await machine(folder, flat: flat)
    let before = try folder.fingerprint()
    let backup = try await BackupReader.read(folder("web"))
    #expect(try folder.fingerprint() == before)
    #expect(backup.kind == .vmx && backup.platform == "vmware" && backup.product == "vmx-19")
    #expect(backup.path == folder("web/web.vmx"))
    let machine = backup.machine
    #expect(machine.name == "web \"prod\" – 01")
    #expect(machine.notes == "the web server\nsecond line")
    #expect(machine.cpu == .init(count: 4, coresPerSocket: 2) && machine.memoryBytes == 2 << 30)
    #expect(machine.firmware == .init(type: .uefi, secureBoot: true))
    #expect(machine.guest == .init(family: "linux", name: nil, sourceID: "debian12_64Guest"))
    #expect(machine.identity.uuid == "421e4d56-1122-3344-5566-778899aabbcc")
    #expect(machine.controllers == [.init(id: "scsi0", bus: "pvscsi"), .init(id: "sata0", bus: "sata")])
    #expect(
      machine.disks == [
        .init(index: 0, name: "scsi0:0", sizeBytes: 4 << 20, boot: true, controller: "scsi0", unit: 0),
        .init(index: 1, name: "sata0:1", sizeBytes: 6 << 20, boot: false, controller: "sata0", unit: 1),
      ])
    #expect(
      machine.nics == [
        .init(index: 0, model: "vmxnet3", mac: "00:50:56:ab:cd:ef", network: "VM Network"),
        .init(index: 1, mac: "00:50:56:00:00:01", network: "nat", connected: false),
      ])
    #expect(backup.disks[0].chain.layers.count == 2)
    #expect(try await same(backup.disks[0].chain, now))
    #expect(backup.points.map(\.id) == ["snapshot-7", "current"])
    #expect(backup.points[0].name == "before \"update\"")
    #expect(backup.points[0].takenAt?.hasPrefix("20") == true)
    #expect(backup.points[1].parent == "snapshot-7")
    let earlier = try backup.at("snapshot-7")
    #expect(earlier.disks.map(\.chain.layers.count) == [1, 1])
    #expect(try await same(earlier.disks[0].chain, then))
    let report = try await BackupReader.verify(backup)
    #expect(report.passed)
  }

  @Test func whatIsNotCarriedOverIsSaid() async throws {
    let folder = try TestFolder()
    _ = try await machine(folder)
    let backup = try await BackupReader.read(folder("web/web.vmx"))
    let losses = Dictionary(backup.losses.map { ($0.property, $0.value) }, uniquingKeysWith: { one, _ in one })
    #expect(losses["nvram"] == "web.nvram")
    #expect(losses["scsi0:1"] == "gone.vmdk")
    #expect(losses["sata0:0 CD drive"] == "/vmfs/volumes/iso/debian.iso")
    #expect(losses["scsi0:0.mode"] == "independent-persistent")
    #expect(losses["svga.vramsize"] == "4194304")
    #expect(losses["PCI slots and bridges"] == "ethernet0.pcislotnumber, pcibridge0.present")
    #expect(losses["Shares and limits"] == "sched.cpu.units")
    #expect(losses["remotedisplay.vnc.key"] == .some(nil))
    #expect(!backup.losses.contains { $0.value?.contains("hunter2") == true })
    #expect(backup.findings.contains { $0.contains("was running when it was copied") })
  }

  private func refusal(_ change: (inout String) -> Void, _ prepare: (TestFolder) async throws -> Void = { _ in })
    async throws -> AscendError
  {
    let folder = try TestFolder()
    _ = try await machine(folder)
    var text = TestVMX.text
    change(&text)
    try folder.write("web/web.vmx", text.utf8)
    try await prepare(folder)
    return try await folder.refusal(folder("web"))
  }

  @Test func anEncryptedMachine() async throws {
    let error = try await refusal { $0 += "encryption.keySafe = \"vmware:key/list/(pair/(fqid/<x>))\"\n" }
    #expect(error.code == "backup.encrypted")
  }

  @Test func anEncryptedDisk() async throws {
    let error = try await refusal({ _ in }) { folder in
      var text = String(decoding: try folder.bytes("web/web_1.vmdk"), as: UTF8.self)
      text = text.replacing("version=1\n", with: "version=1\nencryptionKeys=\"vmware:key/list/x\"\n")
      try folder.write("web/web_1.vmdk", text.utf8)
    }
    #expect(error.code == "disk.encrypted")
  }

  @Test func aRawDevice() async throws {
    let error = try await refusal { $0 += "scsi0:3.present = \"TRUE\"\nscsi0:3.deviceType = \"scsi-passthru\"\n" }
    #expect(error.code == "backup.unsupported")
    let mapped = try await refusal({ $0 = $0.replacing("web_1.vmdk", with: "rdm.vmdk") }) { folder in
      try folder.write("web/rdm-rdmp.vmdk", [0])
      try folder.write(
        "web/rdm.vmdk",
        "# Disk DescriptorFile\nversion=1\ncreateType=\"vmfsPassthroughRawDeviceMap\"\nRW 8 VMFSRDM \"rdm-rdmp.vmdk\"\n"
          .utf8)
    }
    #expect(mapped.code == "disk.unsupported" && mapped.message.contains("raw device mapping"))
  }

  /// One whose header is that of another version.
  @Test func aSpaceEfficientSnapshotOfAnotherKind() async throws {
    let error = try await refusal({ $0 = $0.replacing("web_1.vmdk", with: "se.vmdk") }) { folder in
      let delta = TestSESparse(sectors: 8192)
      var bytes = delta.bytes
      bytes[12] = 3
      try folder.write("web/se-sesparse.vmdk", bytes)
      let text = delta.descriptor("se-sesparse.vmdk", parent: "none", parentID: "ffffffff", identifier: "00c0ffee")
      try folder.write("web/se.vmdk", text.replacing("parentFileNameHint=\"none\"\n", with: "").utf8)
    }
    #expect(error.code == "disk.unsupported" && error.message.contains("SESPARSE"))
  }

  @Test func aMissingLink() async throws {
    let error = try await refusal({ _ in }) { unlink($0("web/web.vmdk")) }
    #expect(error.code == "disk.parentMissing")
    let gone = try await refusal({ _ in }) { unlink($0("web/web_1.vmdk")) }
    #expect(gone.code == "backup.diskMissing")
  }

  /// Somebody wrote to the base after the snapshot: what stands on it reads as nonsense.
  @Test func aParentThatChanged() async throws {
    let error = try await refusal({ _ in }) { folder in
      let bytes = try folder.bytes("web/web.vmdk")
      let text = "CID=".utf8.map(\.self)
      let place = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
      var changed = bytes
      changed.replaceSubrange((place + 4)..<(place + 12), with: Array("0badcafe".utf8))
      try folder.write("web/web.vmdk", changed)
    }
    #expect(error.code == "disk.parentChanged")
  }

  @Test func aChainThatBitesItsTail() async throws {
    let error = try await refusal({ $0 = $0.replacing("web_1.vmdk", with: "a.vmdk") }) { folder in
      for (name, other) in [("a", "b"), ("b", "a")] {
        try folder.write("web/\(name)-flat.vmdk", [UInt8](repeating: 0, count: 512))
        try folder.write(
          "web/\(name).vmdk",
          "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=1\nparentFileNameHint=\"\(other).vmdk\"\nRW 1 FLAT \"\(name)-flat.vmdk\" 0\n"
            .utf8)
      }
    }
    #expect(error.code == "disk.chainLoop")
  }

  /// What ESXi writes after a snapshot, over a flat base: on VMFS 5 and on VMFS 6.
  @Test(arguments: [false, true]) func aDeltaOfESXi(spaceEfficient: Bool) async throws {
    let folder = try TestFolder()
    let (_, then) = try await machine(folder, flat: true)
    let text = String(decoding: try folder.bytes("web/web.vmdk"), as: UTF8.self)
    let identifier = String(try #require(text.firstMatch(of: /CID=([0-9a-f]+)/)).1)
    var wanted = try folder.bytes("then.raw")
    if spaceEfficient {
      var delta = TestSESparse(sectors: 8192)
      for grain in [0, 7, 1023] { delta.grains[grain] = .data(Array(repeating: UInt8(grain % 251 + 1), count: 4096)) }
      delta.grains[1] = .zeros
      try folder.write("web/web-000001-delta.vmdk", delta.bytes)
      let descriptor = delta.descriptor(
        "web-000001-delta.vmdk", parent: "web.vmdk", parentID: identifier, identifier: "0badcafe")
      try folder.write("web/web-000001.vmdk", descriptor.utf8)
      wanted = delta.applied(to: wanted)
    } else {
      var delta = TestCOWD(sectors: 8192)
      for sector in [0, 1, 7, 4095, 4096, 8191] {
        delta.grains[sector] = Array(repeating: UInt8(sector % 251 + 1), count: 512)
      }
      try folder.write("web/web-000001-delta.vmdk", delta.bytes)
      let descriptor = """
        # Disk DescriptorFile
        version=1
        CID=0badcafe
        parentCID=\(identifier)
        createType="vmfsSparse"
        parentFileNameHint="/vmfs/volumes/5c0ffee/web/web.vmdk"
        RW 8192 VMFSSPARSE "web-000001-delta.vmdk"

        """
      try folder.write("web/web-000001.vmdk", descriptor.utf8)
      for (sector, data) in delta.grains { wanted.replaceSubrange((sector * 512)..<(sector * 512 + 512), with: data) }
    }
    try folder.write("wanted.raw", wanted)
    let backup = try await BackupReader.read(folder("web"))
    #expect(try await same(backup.disks[0].chain, folder("wanted.raw")))
    let files = backup.disks[0].chain.layers.flatMap(\.files).map { ($0 as NSString).lastPathComponent }
    #expect(files == ["web.vmdk", "web-flat.vmdk", "web-000001.vmdk", "web-000001-delta.vmdk"])
    #expect(try await same(backup.at("snapshot-7").disks[0].chain, then))
    #expect(try await BackupReader.verify(backup).passed)
  }

  /// Tables of an older delta that lead behind its end: qemu would read the parent in their place.
  @Test func aDeltaOfESXiThatIsDamaged() async throws {
    let folder = try TestFolder()
    var delta = TestCOWD(sectors: 8192)
    for sector in [0, 4096] { delta.grains[sector] = Array(repeating: 1, count: 512) }
    let descriptor = """
      # Disk DescriptorFile
      version=1
      CID=0badcafe
      parentCID=ffffffff
      createType="vmfsSparse"
      RW 8192 VMFSSPARSE "d-delta.vmdk"

      """
    let path = try folder.write("d.vmdk", descriptor.utf8)
    // The directory, its length in the header, the first table's first entry, and the end of the last grain.
    let changes: [(Int, [UInt8])] = [
      (4 * 512, [0xff, 0xff, 0, 0]), (24, [1, 0, 0, 0]), (5 * 512, [0xff, 0xff, 0, 0]), (delta.bytes.count - 1, []),
    ]
    for (place, value) in changes {
      var bytes = delta.bytes
      bytes.replaceSubrange(place..<(place + max(1, value.count)), with: value)
      if value.isEmpty { bytes.removeLast(511) }
      try folder.write("d-delta.vmdk", bytes)
      #expect(try await folder.refusal(path).code == "disk.corrupt", "\(place)")
    }
    try folder.write("d-delta.vmdk", delta.bytes)
    #expect(try await BackupReader.read(path, options: ReadOptions(cpus: 1)).disks.count == 1)
  }

  /// 8 EiB in a few bytes of text.
  @Test func aDiskThatIsTooLarge() async throws {
    let error = try await refusal({ $0 = $0.replacing("web_1.vmdk", with: "huge.vmdk") }) { folder in
      try await folder.disk("web/huge.vmdk", "vmdk")
      var bytes = try folder.bytes("web/huge.vmdk")
      bytes.replaceSubrange(12..<20, with: [0, 0, 0, 0, 0, 0, 0x40, 0])
      try folder.write("web/huge.vmdk", bytes)
    }
    #expect(["disk.tooLarge", "disk.unreadable", "disk.corrupt"].contains(error.code))
  }

  @Test func aDiskOutOfTheFolderIsNotOpened() async throws {
    let folder = try TestFolder()
    _ = try await machine(folder)
    try await folder.disk("secret.vmdk", "vmdk")
    for name in ["../secret.vmdk", folder("secret.vmdk")] {
      try folder.write("web/web.vmx", TestVMX.text.replacing("web_1.vmdk", with: name).utf8)
      #expect(try await folder.refusal(folder("web")).code == "backup.diskMissing")
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder("web/secret.vmdk"), withDestinationPath: folder("secret.vmdk"))
    #expect(try await folder.refusal(folder("web")).code == "disk.outsideBackup")
  }

  @Test func oneOfSeveral() async throws {
    let folder = try TestFolder()
    _ = try await machine(folder)
    try folder.write("web/other.vmx", TestVMX.text.replacing("web |22prod", with: "other |22prod").utf8)
    #expect(try await folder.refusal(folder("web")).code == "backup.ambiguous")
    let backup = try await BackupReader.read(folder("web"), options: ReadOptions(machine: "other"))
    #expect(backup.machine.name.hasPrefix("other"))
  }
}
