import ConnectorProtocol
import Disks
import Foundation
import Support
import Synchronization
import Testing

@testable import Backups

@Suite struct OVAReaderTests {
  /// An OVA with one streamOptimized disk and a manifest, after `change` had its way with the parts.
  private func ova(
    _ folder: TestFolder, _ descriptor: TestDescriptor = TestDescriptor(), hash: String = "SHA256",
    change: (inout [(name: String, bytes: [UInt8])]) -> Void = { _ in }
  ) async throws -> String {
    try await folder.disk("d", "vmdk", options: "subformat=streamOptimized")
    let disk = try folder.bytes("d")
    unlink(folder("d"))
    var sha1 = SHA1()
    disk.withUnsafeBytes { sha1.update($0) }
    let digest = hash == "SHA1" ? sha1.finish().map { String(format: "%02x", Int($0)) }.joined() : sha256(disk)
    let manifest =
      switch hash {
      case "SHA1": "SHA1(disk1.vmdk)= \(digest)\n"
      case "SHA512": "SHA512(vm.ovf)= \(sha512(descriptor.bytes))\nSHA512(disk1.vmdk)= \(sha512(disk))\n"
      default: "SHA256(vm.ovf)= \(sha256(descriptor.bytes))\nSHA256(disk1.vmdk)= \(digest)\n"
      }
    var parts: [(name: String, bytes: [UInt8])] = [
      ("vm.ovf", descriptor.bytes), ("vm.mf", Array(manifest.utf8)), ("disk1.vmdk", disk),
    ]
    change(&parts)
    var archive = TestArchive()
    for (name, bytes) in parts { archive.add(name, bytes) }
    archive.finish()
    return try folder.write("vm.ova", archive.bytes)
  }

  @Test func readsAMachine() async throws {
    let folder = try TestFolder()
    let path = try await ova(folder)
    let before = try folder.fingerprint()
    let seen = Mutex<[Int64]>([])
    let backup = try await BackupReader.read(path) { done, total in
      #expect(done <= total)
      seen.withLock { $0.append(done) }
    }
    #expect(backup.kind == .ova)
    #expect(backup.platform == "vmware")
    #expect(backup.name == "web-01")
    #expect(backup.path == path)
    #expect(backup.takenAt == Date(timeIntervalSince1970: TimeInterval(0o14724175623)))
    #expect(backup.findings.isEmpty)
    #expect(backup.disks.count == 1)
    #expect(
      backup.machine.disks == [
        .init(index: 0, name: "Hard disk 1", sizeBytes: 4 << 20, boot: true, controller: "scsi0", unit: 0)
      ])
    let chain = backup.disks[0].chain
    #expect(chain.allocatedBytes == 65536)
    #expect(chain.layers[0].path == path && chain.layers[0].isMember)
    #expect(backup.digests.map(\.member) == ["vm.ovf", "disk1.vmdk"])
    #expect(seen.withLock(\.self).last == backup.digests.reduce(0) { $0 + $1.length })
    #expect(try folder.fingerprint() == before)
    let json = try JSONEncoder().encode(backup)
    #expect(try JSONDecoder().decode(Backup.self, from: json) == backup)
    #expect(String(decoding: json, as: UTF8.self).contains("\"takenAt\":\"2024-12-05T01:02:11"))
    let report = try await BackupReader.verify(backup)
    #expect(report.passed)
    #expect(report.checks.map(\.kind) == ["description", "digest", "digest", "image"])
    #expect(report.checks.allSatisfy { $0.outcome == .passed })
  }

  @Test func sha1AndNoManifest() async throws {
    let folder = try TestFolder()
    let old = try await BackupReader.read(try await ova(folder, hash: "SHA1"))
    #expect(old.digests.map(\.algorithm) == [.sha1])
    #expect(old.findings == ["The manifest holds no digest of the descriptor vm.ovf"])
    let bare = try await BackupReader.read(try await ova(folder) { $0.remove(at: 1) })
    #expect(bare.findings.count == 1)
    #expect(bare.digests.isEmpty)
  }

  @Test func isCutShort() async throws {
    let folder = try TestFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try await ova(folder))))
    let path = try folder.write("short.ova", bytes[..<(bytes.count - 4000)])
    #expect(try await folder.refusal(path).code == "archive.truncated")
  }

  @Test func aDigestIsWrong() async throws {
    let folder = try TestFolder()
    let path = try await ova(folder) { $0[2].bytes[70000] ^= 1 }
    let error = try await folder.refusal(path)
    #expect(error.code == "backup.digestMismatch")
    #expect(error.message.contains("disk1.vmdk"))
    // Without the digests it can still be looked at; verifying then says so.
    let backup = try await BackupReader.read(path, checkDigests: false)
    let report = try await BackupReader.verify(backup)
    #expect(!report.passed)
    #expect(report.checks.filter { $0.outcome == .failed }.map(\.object) == ["disk1.vmdk"])
  }

  @Test func aDiskIsMissing() async throws {
    let folder = try TestFolder()
    let listed = try await folder.refusal(try await ova(folder) { $0.removeLast() })
    #expect(listed.code == "backup.memberMissing")
    let unlisted = try await folder.refusal(try await ova(folder) { $0.removeLast(2) })
    #expect(unlisted.code == "backup.diskMissing")
    #expect(unlisted.message.contains("disk1.vmdk"))
  }

  @Test func theManifestIsNonsense() async throws {
    let folder = try TestFolder()
    for text in ["nonsense", "SHA256(vm.ovf)= 00", "SHA512(vm.ovf)= 00ff"] {
      let path = try await ova(folder) { $0[1].bytes = Array(text.utf8) }
      #expect(try await folder.refusal(path).code == "backup.manifestMalformed")
    }
  }

  @Test func aManifestOfSHA512() async throws {
    let folder = try TestFolder()
    let path = try await ova(folder, hash: "SHA512")
    let backup = try await BackupReader.read(path)
    #expect(backup.digests.map(\.algorithm) == [.sha512, .sha512])
    #expect(backup.findings.isEmpty)
    let report = try await BackupReader.verify(backup)
    #expect(report.checks.filter { $0.kind == "digest" }.map(\.outcome) == [.passed, .passed])
    let error = try await folder.refusal(try await ova(folder, hash: "SHA512") { $0[2].bytes[70000] ^= 1 })
    #expect(error.code == "backup.digestMismatch" && error.message.contains("disk1.vmdk"))
    #expect(try await !BackupReader.verify(backup).passed)
  }

  /// A digest that is not computed here is said to be one, each time that the backup is verified.
  @Test func aDigestOfAnotherKind() async throws {
    let folder = try TestFolder()
    let path = try await ova(folder) { parts in
      let line = "SHA256(vm.ovf)= \(sha256(parts[0].bytes))\n"
      parts[1].bytes = Array("\(line)SHA3-256(disk1.vmdk)= 00ff\n".utf8)
    }
    let backup = try await BackupReader.read(path) { done, total in #expect(done <= total) }
    #expect(backup.findings == ["The manifest's sha3256 digest of disk1.vmdk was not checked"])
    let checks = try await BackupReader.verify(backup).checks.filter { $0.kind == "digest" }
    #expect(checks.map(\.outcome) == [.passed, .notChecked])
    #expect(checks.map(\.object) == ["vm.ovf", "disk1.vmdk"])
    #expect(checks[1].detail.contains("sha3256"))
    let json = try JSONEncoder().encode(backup)
    #expect(try JSONDecoder().decode(Backup.self, from: json) == backup)
  }

  @Test(arguments: [
    "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
    "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">",
  ]) func theDescriptorHoldsEntities(_ doctype: String) async throws {
    let folder = try TestFolder()
    var descriptor = TestDescriptor()
    descriptor.doctype = doctype
    let error = try await folder.refusal(try await ova(folder, descriptor))
    #expect(error.code == "backup.descriptorMalformed")
    #expect(error.cause?.contains("document type") == true)
  }

  @Test func anImageIsNotWhatItIsClaimedToBe() async throws {
    let folder = try TestFolder()
    let text = try await ova(folder) { parts in
      parts[2].bytes = Array("# Disk DescriptorFile\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"/etc/passwd\" 0\n".utf8)
      parts.remove(at: 1)
    }
    #expect(try await folder.refusal(text).code == "disk.unsupported")
    let zeros = try await ova(folder) { parts in
      parts[2].bytes = [UInt8](repeating: 0, count: 4096)
      parts.remove(at: 1)
    }
    #expect(try await folder.refusal(zeros).code == "disk.formatMismatch")
    let compressed = try await ova(folder) { parts in
      parts[2].bytes = [0x1f, 0x8b] + [UInt8](repeating: 0, count: 4096)
      parts.remove(at: 1)
    }
    #expect(try await folder.refusal(compressed).code == "disk.corrupt")
  }

  @Test func theDescriptorSaysAnotherSize() async throws {
    let folder = try TestFolder()
    var descriptor = TestDescriptor()
    descriptor.disks = TestDescriptor.disk("vmdisk1", "file1", capacity: "5")
    let backup = try await BackupReader.read(try await ova(folder, descriptor))
    #expect(backup.findings.count == 1)
    #expect(backup.machine.disks[0].sizeBytes == 4 << 20)
    descriptor.files = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:size="99999999"/>"#
    #expect(try await folder.refusal(try await ova(folder, descriptor)).code == "backup.diskTruncated")
  }

  @Test func chainsSplitsAndCompressionAreNamed() async throws {
    let folder = try TestFolder()
    var chained = TestDescriptor()
    chained.disks = chained.disks.replacing("ovf:diskId", with: "ovf:parentRef=\"base\" ovf:diskId")
    var split = TestDescriptor()
    split.files = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:chunkSize="1000"/>"#
    var zipped = TestDescriptor()
    zipped.files = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:compression="gzip"/>"#
    for (descriptor, code) in [
      (chained, "backup.descriptorMalformed"), (split, "backup.diskMissing"), (zipped, "backup.descriptorMalformed"),
    ] {
      #expect(try await folder.refusal(try await ova(folder, descriptor)).code.rawValue == code)
    }
  }

  @Test(arguments: ["../disk1.vmdk", "/etc/passwd", "..%2f..%2fetc/passwd"]) func aReferenceLeadsOut(_ href: String)
    async throws
  {
    let folder = try TestFolder()
    var descriptor = TestDescriptor()
    descriptor.files = "<File ovf:href=\"\(href)\" ovf:id=\"file1\"/>"
    #expect(try await folder.refusal(try await ova(folder, descriptor)).code == "archive.unsafe")
  }

  @Test func anOverlayOfAMemberServesTheSameBytes() async throws {
    let folder = try TestFolder()
    let backup = try await BackupReader.read(try await ova(folder))
    let member = backup.disks[0].chain.layers[0]
    let archive = try folder.bytes("vm.ova")
    let start = Int(try #require(member.offset))
    try folder.write("alone.vmdk", archive[start..<(start + Int(try #require(member.length)))])
    let overlay = try await Overlay.create(at: folder("o.qcow2"), over: backup.disks[0].chain)
    try await NBDExport.withExport(of: overlay, socket: folder("s/d"), connections: 2) { uri in
      let result = try await Tool.run("qemu-img", ["compare", "-f", "raw", "-F", "vmdk", uri, folder("alone.vmdk")])
      #expect(result.exitCode == 0)
    }
  }
}
