import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct FolderReaderTests {
  @Test func anOVFFolderWithDisksInSeveralFiles() async throws {
    let folder = try TestFolder()
    try await folder.disk("disk1.vmdk", "vmdk", options: "subformat=monolithicFlat")
    try await folder.disk("my disk.vmdk", "vmdk", size: 2 << 20, seed: 9, options: "subformat=twoGbMaxExtentSparse")
    var descriptor = TestDescriptor()
    descriptor.files += #"<File ovf:href="my%20disk.vmdk" ovf:id="file2"/><File ovf:href="cd.iso" ovf:id="cd"/>"#
    descriptor.disks += TestDescriptor.disk("vmdisk2", "file2", capacity: "2")
    descriptor.disks += TestDescriptor.disk("vmdisk3", nil, capacity: "7")
    descriptor.diskItems += TestDescriptor.diskItem("Hard disk 2", 11, "ovf:/disk/vmdisk2", parent: 3, address: 1)
    descriptor.diskItems += TestDescriptor.diskItem("Hard disk 3", 12, "ovf:/disk/vmdisk3", parent: 3, address: 2)
    descriptor.sections = #"<vmw:BootOrderSection vmw:instanceId="11" vmw:type="disk"><Info/></vmw:BootOrderSection>"#
    try folder.write("vm.ovf", descriptor.bytes)
    for path in [folder.path, folder("vm.ovf")] {
      let backup = try await BackupReader.read(path)
      #expect(backup.kind == .ovf)
      #expect(backup.path == folder("vm.ovf"))
      #expect(backup.machine.disks.map(\.sizeBytes) == [4 << 20, 2 << 20])
      #expect(backup.machine.disks.map(\.boot) == [false, true])
      #expect(backup.losses.map(\.property).contains("File cd.iso"))
      #expect(backup.losses.map(\.property).contains("Hard disk 3"))
      #expect(backup.findings.count == 1)
    }
  }

  @Test func aDiskIsALinkOutOfTheFolder() async throws {
    let folder = try TestFolder()
    try folder.write("vm.ovf", TestDescriptor().bytes)
    try FileManager.default.createSymbolicLink(atPath: folder("disk1.vmdk"), withDestinationPath: "/etc/passwd")
    let error = try await folder.refusal(folder.path)
    #expect(error.code == "disk.outsideBackup")
  }

  @Test func anExtentLeadsOut() async throws {
    let folder = try TestFolder()
    try folder.write("vm.ovf", TestDescriptor().bytes)
    try folder.write(
      "disk1.vmdk", "# Disk DescriptorFile\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"/etc/passwd\" 0\n".utf8)
    #expect(try await folder.refusal(folder.path).code == "disk.outsideBackup")
  }

  @Test func whatIsNoBackup() async throws {
    let folder = try TestFolder()
    let empty = try await folder.refusal(folder.path)
    #expect(empty.code == "backup.notRecognised")
    #expect(empty.cause?.contains("empty") == true)
    #expect(try await folder.refusal(folder("nowhere")).code == "backup.notFound")
    try folder.write("notes.txt", "hello".utf8)
    #expect(try await folder.refusal(folder.path).code == "backup.notRecognised")
    #expect(try await folder.refusal(folder("notes.txt")).code == "backup.notRecognised")
    try folder.write("void", [])
    #expect(try await folder.refusal(folder("void")).code == "backup.notRecognised")
    var archive = TestArchive()
    archive.add("readme", [1])
    archive.finish()
    try folder.write("x.ova", archive.bytes)
    #expect(try await folder.refusal(folder("x.ova")).cause?.contains(".ovf") == true)
    #expect(try await folder.refusal(folder.path).remedy?.contains("x.ova") == true)
    try folder.write("page.html", "<html></html>".utf8)
    #expect(try await folder.refusal(folder("page.html")).code == "backup.notRecognised")
    try folder.write("a.ovf", TestDescriptor().bytes)
    try folder.write("b.ovf", TestDescriptor().bytes)
    #expect(try await folder.refusal(folder.path).code == "backup.ambiguous")
  }

  @Test func nameGivesKindAwayToContent() async throws {
    let folder = try TestFolder()
    try await folder.disk("d", "vmdk", options: "subformat=streamOptimized")
    var archive = TestArchive()
    archive.add("vm.ovf", TestDescriptor().bytes)
    archive.add("disk1.vmdk", try folder.bytes("d"))
    try folder.write("backup.bin", archive.bytes)
    #expect(try await BackupReader.read(folder("backup.bin")).kind == .ova)
  }
}
