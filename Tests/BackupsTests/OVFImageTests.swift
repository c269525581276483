import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// Images that a descriptor keeps in pieces or compressed, several machines, several configurations.
@Suite struct OVFImageTests {
  private let format = "subformat=streamOptimized"

  /// A folder with a descriptor and its disk after `change`; the disk's content is in `wanted.raw`.
  private func package(
    _ folder: TestFolder, file: String, kind: String = "vmdk", options: String? = nil, claim: String? = nil
  ) async throws -> [UInt8] {
    try FileManager.default.createDirectory(atPath: folder("p"), withIntermediateDirectories: true)
    try await folder.disk("image", kind, options: options ?? (kind == "vmdk" ? format : nil))
    _ = try await Tool.output("qemu-img", ["convert", "-O", "raw", folder("image"), folder("wanted.raw")])
    var descriptor = TestDescriptor()
    descriptor.files = file
    if let claim { descriptor.disks = descriptor.disks.replacing("vmdk.html#streamOptimized", with: claim) }
    try folder.write("p/vm.ovf", descriptor.bytes)
    return try folder.bytes("image")
  }

  private func pieces(_ folder: TestFolder, _ bytes: [UInt8], size: Int, _ name: String = "p/disk1.vmdk") throws {
    for (number, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
      let digits = String(repeating: "0", count: 9 - String(number).count) + String(number)
      try folder.write("\(name).\(digits)", bytes[start..<min(bytes.count, start + size)])
    }
  }

  private func compress(_ folder: TestFolder, _ bytes: [UInt8], to name: String) async throws {
    try folder.write("plain", bytes)
    _ = try await Tool.output("gzip", ["-k", "-f", folder("plain")])
    try FileManager.default.moveItem(atPath: folder("plain.gz"), toPath: folder(name))
  }

  /// Reads, and compares with the content through a chain, an overlay, and the overlay opened by its name.
  private func expectContent(_ folder: TestFolder, _ layers: Int = 1) async throws -> Backup {
    let before = try folder.fingerprint()
    let backup = try await BackupReader.read(folder("p"))
    #expect(try folder.fingerprint() == before)
    let chain = backup.disks[0].chain
    #expect(chain.virtualSizeBytes == 4 << 20)
    #expect((4096...(4 << 20)).contains(chain.allocatedBytes ?? 0))
    #expect(chain.layers[0].index == nil)
    let overlay = try await Overlay.create(at: folder("overlay.qcow2"), over: chain)
    for name in [overlay.blockdevJSON(), folder("overlay.qcow2")] {
      let compared = try await Tool.run("qemu-img", ["compare", "-F", "raw", name, folder("wanted.raw")])
      #expect(compared.exitCode == 0, "\(compared.standardError)")
    }
    try await DiskConversion.convert(chain, to: .raw, at: folder("copy.raw"))
    #expect(try folder.bytes("copy.raw") == folder.bytes("wanted.raw"))
    #expect(try await BackupReader.verify(backup).passed)
    let json = try JSONEncoder().encode(backup)
    #expect(try JSONDecoder().decode(Backup.self, from: json) == backup)
    return backup
  }

  @Test(arguments: [("vmdk", 4096, nil), ("qcow2", 8192, "qcow2"), ("vmdk", 1 << 20, nil), ("raw", 1 << 20, "raw")])
  func anImageInPieces(_ kind: String, _ size: Int, _ claim: String?) async throws {
    let folder = try TestFolder()
    let bytes = try await package(
      folder, file: "<File ovf:href=\"disk1.vmdk\" ovf:id=\"file1\" ovf:chunkSize=\"\(size)\"/>", kind: kind,
      claim: claim)
    try pieces(folder, bytes, size: size)
    let backup = try await expectContent(folder)
    #expect(backup.disks[0].chain.layers[0].pieces?.count == (bytes.count + size - 1) / size)
  }

  @Test func anArchiveOfPieces() async throws {
    let folder = try TestFolder()
    let bytes = try await package(
      folder, file: #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:chunkSize="4096"/>"#)
    var archive = TestArchive()
    archive.add("vm.ovf", try folder.bytes("p/vm.ovf"))
    for (number, start) in stride(from: 0, to: bytes.count, by: 4096).enumerated() {
      let digits = String(repeating: "0", count: 9 - String(number).count) + String(number)
      archive.add("disk1.vmdk.\(digits)", Array(bytes[start..<min(bytes.count, start + 4096)]))
    }
    archive.finish()
    let path = try folder.write("vm.ova", archive.bytes)
    let backup = try await BackupReader.read(path)
    let compared = try await Overlay.create(at: folder("o.qcow2"), over: backup.disks[0].chain)
    let result = try await Tool.run(
      "qemu-img", ["compare", "-F", "raw", compared.blockdevJSON(), folder("wanted.raw")])
    #expect(result.exitCode == 0)
  }

  @Test func piecesThatAreWrong() async throws {
    let folder = try TestFolder()
    let file = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:chunkSize="4096" ovf:size="SIZE"/>"#
    var bytes = try await package(folder, file: file.replacing("SIZE", with: "9999999"))
    try pieces(folder, bytes, size: 4096)
    #expect(try await folder.refusal(folder("p")).code == "backup.diskTruncated")
    bytes = try await package(folder, file: file.replacing(" ovf:size=\"SIZE\"", with: ""))
    try folder.write("p/disk1.vmdk.000000001", Array(bytes[4096..<8000]))
    #expect(try await folder.refusal(folder("p")).code == "backup.descriptorMalformed")
    unlink(folder("p/disk1.vmdk.000000001"))
    #expect(["disk.corrupt", "disk.unreadable"].contains(try await folder.refusal(folder("p")).code))
    unlink(folder("p/disk1.vmdk.000000000"))
    #expect(try await folder.refusal(folder("p")).code == "backup.diskMissing")
  }

  @Test(arguments: [("vmdk", nil), ("qcow2", "qcow2"), ("raw", "raw")])
  func aCompressedImage(_ kind: String, _ claim: String?) async throws {
    let folder = try TestFolder()
    let bytes = try await package(
      folder, file: #"<File ovf:href="disk1.vmdk.gz" ovf:id="file1" ovf:compression="gzip"/>"#, kind: kind, claim: claim
    )
    try await compress(folder, bytes, to: "p/disk1.vmdk.gz")
    let backup = try await expectContent(folder)
    #expect(backup.findings.contains { $0.contains("compressed as a whole") })
  }

  @Test func compressedAndInPieces() async throws {
    let folder = try TestFolder()
    let bytes = try await package(
      folder,
      file: #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:compression="gzip" ovf:chunkSize="512"/>"#)
    try await compress(folder, bytes, to: "packed")
    try pieces(folder, try folder.bytes("packed"), size: 512)
    _ = try await expectContent(folder)
  }

  @Test func compressedFilesThatAreWrong() async throws {
    let folder = try TestFolder()
    let file = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:compression="gzip"/>"#
    let bytes = try await package(folder, file: file)
    try await compress(folder, bytes, to: "packed")
    let packed = try folder.bytes("packed")
    try folder.write("p/disk1.vmdk", packed.dropLast(100))
    #expect(try await folder.refusal(folder("p")).code == "disk.corrupt")
    var changed = packed
    changed[changed.count - 6] ^= 1
    try folder.write("p/disk1.vmdk", changed)
    #expect(try await folder.refusal(folder("p")).code == "disk.corrupt")
    try folder.write("p/disk1.vmdk", bytes)
    #expect(try await folder.refusal(folder("p")).code == "backup.descriptorMalformed")
    _ = try await package(folder, file: file.replacing("gzip", with: "bzip2"))
    #expect(try await folder.refusal(folder("p")).code == "backup.unsupported")
  }

  /// 256 MiB of zeros in 256 KiB: more than the disk's 4 MiB and what an image needs beside them.
  @Test func aBomb() async throws {
    let folder = try TestFolder()
    _ = try await package(folder, file: #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:compression="gzip"/>"#)
    try folder.write("zeros", [])
    #expect(truncate(folder("zeros"), 256 << 20) == 0)
    _ = try await Tool.output("gzip", ["-1", folder("zeros")])
    try FileManager.default.moveItem(atPath: folder("zeros.gz"), toPath: folder("p/disk1.vmdk"))
    #expect(try await folder.refusal(folder("p")).code == "disk.tooLarge")
  }

  @Test func oneOfSeveralMachinesAndConfigurations() async throws {
    let folder = try TestFolder()
    let bytes = try await package(folder, file: #"<File ovf:href="disk1.vmdk" ovf:id="file1"/>"#)
    try folder.write("p/disk1.vmdk", bytes)
    var descriptor = TestDescriptor()
    descriptor.envelope = """
      <DeploymentOptionSection><Info/><Configuration ovf:id="small" ovf:default="true"/>
      <Configuration ovf:id="large"/></DeploymentOptionSection>
      """
    descriptor.memory += TestDescriptor.item(
      4, 2, "m", "<rasd:VirtualQuantity>8192</rasd:VirtualQuantity>", units: "byte * 2^20",
      attributes: " ovf:configuration=\"large\"")
    let text = descriptor.text
    let start = try #require(text.range(of: "<VirtualSystem "))
    let end = try #require(text.range(of: "</VirtualSystem>"))
    let machine = String(text[start.lowerBound..<end.upperBound])
    let other = machine.replacing("ovf:id=\"vm\"", with: "ovf:id=\"db\"").replacing("web-01", with: "db-01")
    let two = text.replacing(
      machine,
      with: "<VirtualSystemCollection ovf:id=\"c\"><VirtualSystemCollection>\(machine)</VirtualSystemCollection>"
        + "\(other)</VirtualSystemCollection>")
    try folder.write("p/vm.ovf", two.replacing("envelope/1", with: "envelope/2").utf8)
    let error = try await folder.refusal(folder("p"))
    #expect(error.code == "backup.ambiguous" && error.cause?.contains("db, vm") == true)
    let web = try await BackupReader.read(folder("p"), options: ReadOptions(machine: "web-01", configuration: "large"))
    #expect(web.machine.name == "web-01" && web.machine.memoryBytes == 8 << 30)
    let data = try await BackupReader.read(folder("p"), options: ReadOptions(machine: "db"))
    #expect(data.machine.name == "db-01" && data.machine.memoryBytes == 2 << 30)
    #expect(data.findings.contains { $0.contains("small is taken") })
    for (options, code) in [
      (ReadOptions(machine: "mail"), "backup.machineUnknown"),
      (ReadOptions(machine: "vm", configuration: "huge"), "backup.configurationUnknown"),
    ] {
      let refusal = await #expect(throws: AscendError.self) {
        try await BackupReader.read(folder("p"), options: options)
      }
      #expect(refusal?.code.rawValue == code)
    }
  }

  @Test(arguments: [nil, "subformat=streamOptimized"]) func aVMDKWithinAQcow2(_ options: String?) async throws {
    let folder = try TestFolder()
    let bytes = try await package(
      folder, file: #"<File ovf:href="disk1.vmdk" ovf:id="file1"/>"#, options: options, claim: "qcow2")
    try folder.write("content", bytes + [UInt8](repeating: 0, count: 4096 - bytes.count % 4096))
    _ = try await Tool.output(
      "qemu-img", ["convert", "-f", "raw", "-O", "qcow2", folder("content"), folder("p/disk1.vmdk")])
    let backup = try await expectContent(folder)
    #expect(backup.disks[0].chain.layers[0].inner == .vmdk)
    #expect(backup.machine.disks[0].sizeBytes == 4 << 20)
    #expect(backup.findings.contains { $0.contains("itself a vmdk image") })
  }

  @Test func aVMDKWithinAQcow2ThatLeadsElsewhere() async throws {
    let folder = try TestFolder()
    _ = try await package(folder, file: #"<File ovf:href="disk1.vmdk" ovf:id="file1"/>"#, claim: "qcow2")
    _ = try await Tool.output(
      "qemu-img", ["create", "-q", "-f", "vmdk", "-b", folder("image"), "-F", "vmdk", folder("child")])
    _ = try await Tool.output(
      "qemu-img", ["convert", "-f", "raw", "-O", "qcow2", folder("child"), folder("p/disk1.vmdk")])
    #expect(try await folder.refusal(folder("p")).code == "disk.unsupported")
    var bytes = try folder.bytes("child")
    bytes.replaceSubrange(12..<20, with: [0, 0, 0, 0, 0, 0, 0x40, 0])
    try folder.write("child", bytes)
    _ = try await Tool.output(
      "qemu-img", ["convert", "-f", "raw", "-O", "qcow2", folder("child"), folder("p/disk1.vmdk")])
    #expect(try await folder.refusal(folder("p")).code == "disk.tooLarge")
  }
}
