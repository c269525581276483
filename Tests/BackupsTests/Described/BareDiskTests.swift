import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct BareDiskTests {
  @Test func oneImage() async throws {
    let folder = try TestFolder()
    try await folder.disk("web.qcow2", "qcow2")
    try await folder.disk("other.vmdk", "vmdk")
    let backup = try await BackupReader.read(folder("web.qcow2"))
    #expect(backup.kind == .disks)
    #expect(backup.name == "web")
    #expect(backup.machine.disks.map(\.name) == ["web.qcow2"])
    #expect(backup.machine.nics.count == 1)
    for word in ["processors", "memory", "firmware", "network interfaces"] {
      #expect(backup.findings.contains { $0.contains(word) }, "\(word)")
    }
    let options = ReadOptions(cpus: 3, memoryBytes: 1 << 30, firmware: .uefi, guest: "Windows Server 2022")
    let said = try await BackupReader.read(folder("web.qcow2"), options: options)
    #expect(said.machine.cpu.count == 3)
    #expect(said.machine.memoryBytes == 1 << 30)
    #expect(said.machine.firmware.type == .uefi)
    #expect(said.machine.guest?.family == "windows")
    #expect(try await BackupReader.verify(said).passed)
  }

  @Test func aFolderWithNothingButDisks() async throws {
    let folder = try TestFolder()
    try await folder.disk("disk10.vmdk", "vmdk", options: "subformat=monolithicFlat")
    try await folder.disk("disk2.vhd", "vpc")
    try folder.raw("disk-os.img")
    try folder.json("README.md", "what this is")
    let copies = try await TestCopies(folder, ["disk20.base.qcow2", "disk20.top.qcow2"])
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.machine.disks.map(\.name) == ["disk-os.img", "disk2.vhd", "disk10.vmdk", "disk20.top.qcow2"])
    #expect(backup.machine.disks.map(\.boot) == [true, false, false, false])
    #expect(try await reads(backup.disks[3].chain, like: copies.contents[1]))
    #expect(backup.name == (folder.path as NSString).lastPathComponent)
  }

  @Test func severalInTheOrderInWhichTheyAreNamed() async throws {
    let folder = try TestFolder()
    try folder.folder("a")
    try await folder.disk("z.qcow2", "qcow2")
    try FileManager.default.moveItem(atPath: folder("z.qcow2"), toPath: folder("a/z.qcow2"))
    try folder.raw("b.raw")
    let options = ReadOptions(disks: [folder("b.raw")], bootDisk: 1)
    let backup = try await BackupReader.read(folder("a/z.qcow2"), options: options)
    #expect(backup.machine.disks.map(\.name) == ["z.qcow2", "b.raw"])
    #expect(backup.machine.disks.map(\.boot) == [false, true])
    #expect(try await BackupReader.verify(backup).passed)
    let twice = try await folder.refusal(folder("b.raw"), ReadOptions(disks: [folder("b.raw")]))
    #expect(twice.code == "backup.ambiguous")
    try folder.json("x.txt", "no disk")
    let wrong = try await folder.refusal(folder("b.raw"), ReadOptions(disks: [folder("x.txt")]))
    #expect(wrong.code == "backup.notRecognised")
    #expect(wrong.object == folder("x.txt"))
    let folders = try await folder.refusal(folder.path, ReadOptions(disks: [folder("b.raw")]))
    #expect(folders.code == "backup.notRecognised")
    #expect(try await folder.refusal(folder("b.raw"), ReadOptions(disks: ["/nowhere"])).code == "backup.notFound")
  }

  @Test func eachLayerOfAChainIsAPoint() async throws {
    let folder = try TestFolder()
    let copies = try await TestCopies(folder, ["mon.qcow2", "tue.qcow2", "wed.qcow2"]) { "/srv/backup/\($0)" }
    let backup = try await BackupReader.read(folder("wed.qcow2"))
    #expect(backup.points.map(\.id) == ["mon", "tue", "wed"])
    for (place, id) in backup.points.map(\.id).enumerated() {
      #expect(try await reads(try backup.at(id).disks[0].chain, like: copies.contents[place]))
    }
  }

  @Test func digestsBesideTheImagesAreChecked() async throws {
    let folder = try TestFolder()
    try folder.raw("d.raw")
    let good = sha256(try folder.bytes("d.raw"))
    try folder.json("SHA256SUMS", "\(good)  ./d.raw\n\(String(repeating: "0", count: 64)) *other.iso\n")
    let backup = try await BackupReader.read(folder("d.raw"))
    #expect(backup.digests.map(\.value) == [good])
    try folder.raw("d.raw", seed: 99)
    #expect(try await folder.refusal(folder("d.raw")).code == "backup.digestMismatch")
    #expect(try await !BackupReader.verify(backup).passed)
    // The longest of the usual kinds is checked like the others.
    try folder.json("SHA512SUMS", "\(sha512(try folder.bytes("d.raw")))  d.raw\n")
    unlink(folder("SHA256SUMS"))
    #expect(try await BackupReader.read(folder("d.raw")).digests.map(\.algorithm) == [.sha512])
    try folder.json("d.raw.sha512", String(repeating: "0", count: 128))
    #expect(try await folder.refusal(folder("d.raw")).code == "backup.digestMismatch")
    try folder.json("d.raw.sha256", "not a digest")
    #expect(try await folder.refusal(folder("d.raw")).code == "backup.manifestMalformed")
  }

  @Test func theFirmwareIsToldFromThePartitions() throws {
    var sector = [UInt8](repeating: 0, count: 34 * 512)
    #expect(DiskStart(bytes: sector).firmware == nil)
    sector[510] = 0x55
    sector[511] = 0xaa
    #expect(DiskStart(bytes: sector).firmware == nil)
    sector[0] = 0xeb
    #expect(DiskStart(bytes: sector).firmware == .bios)
    sector[450] = 0xee
    sector.replaceSubrange(512..<520, with: "EFI PART".utf8)
    #expect(DiskStart(bytes: sector).firmware == nil)
    let system: [UInt8] = [0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b]
    sector.replaceSubrange(1152..<1168, with: system)
    #expect(DiskStart(bytes: sector).firmware == .uefi)
    sector.replaceSubrange(1024..<1040, with: "Hah!IdontNeedEFI".utf8)
    #expect(DiskStart(bytes: sector).firmware == .bios)
    #expect(DiskStart(bytes: []).firmware == nil)
  }

  @Test func theDiskItselfIsLookedAt() async throws {
    let folder = try TestFolder()
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes[446 + 4] = 0xef
    bytes[510] = 0x55
    bytes[511] = 0xaa
    try folder.write("esp.raw", bytes)
    _ = try await Tool.output("qemu-img", ["convert", "-O", "qcow2", folder("esp.raw"), folder("esp.qcow2")])
    let backup = try await BackupReader.read(folder("esp.qcow2"))
    #expect(backup.machine.firmware.type == .uefi)
    #expect(backup.findings.contains { $0.contains("made for uefi") })
  }
}
