import Foundation
import Support

extension FuzzTargets {
  /// Machines as they are exported.
  static let packages: [FuzzTarget] = [
    .backup("OVF", changing: "vm.ovf", ovf),
    .backup("OVF manifest", changing: "vm.mf", ovf),
    .backup("OVF of deltas", changing: "vm.ovf", deltas),
    .backup("OVF delta", changing: "delta.vmdk", text: false, deltas),
    .backup("OVF in pieces", changing: "vm.ovf", pieces),
    .backup("OVF piece", changing: "disk1.vmdk.000000000", text: false, pieces),
    .backup("OVF compressed", changing: "disk1.vmdk", text: false, compressed),
    .backup("VMDK within a qcow2", changing: "disk1.vmdk", text: false, nested),
    .backup("OVA", changing: "vm.ova", text: false, archive: true, ova),
    .backup("OVA's descriptor", changing: "vm.ova", archive: true, ova),
    .backup("manifest", changing: "backup.json", manifest),
    .backup("digests of files", changing: "SHA256SUMS", checksums),
  ]

  private static let stream = "subformat=streamOptimized"

  private static func ovf(_ folder: TestFolder) async throws {
    try await folder.disk("disk1.vmdk", "vmdk", options: stream)
    let descriptor = TestDescriptor().bytes
    try folder.write("vm.ovf", descriptor)
    // Of the disk alone: a descriptor that is changed would always be refused.
    let disk = try folder.bytes("disk1.vmdk")
    try folder.write("vm.mf", "SHA256(disk1.vmdk)= \(sha256(disk))\nSHA512(disk1.vmdk)= \(sha512(disk))\n".utf8)
  }

  private static func deltas(_ folder: TestFolder) async throws {
    try await folder.disk("base.vmdk", "vmdk")
    _ = try await Tool.output(
      "qemu-img",
      ["create", "-q", "-f", "vmdk", "-b", folder("base.vmdk"), "-F", "vmdk", folder("delta.vmdk")])
    try folder.write("vm.ovf", OVFParentTests.descriptor.bytes)
  }

  private static func pieces(_ folder: TestFolder) async throws {
    try await folder.disk("d", "vmdk", size: 65536, options: stream)
    let bytes = try folder.bytes("d")
    unlink(folder("d"))
    for (number, start) in stride(from: 0, to: bytes.count, by: 4096).enumerated() {
      let digits = String(repeating: "0", count: 9 - String(number).count) + String(number)
      try folder.write("disk1.vmdk.\(digits)", bytes[start..<min(bytes.count, start + 4096)])
    }
    var descriptor = TestDescriptor()
    descriptor.files = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:chunkSize="4096"/>"#
    try folder.write("vm.ovf", descriptor.bytes)
  }

  private static func compressed(_ folder: TestFolder) async throws {
    try await folder.disk("d", "vmdk", size: 65536, options: stream)
    _ = try await Tool.output("gzip", [folder("d")])
    try FileManager.default.moveItem(atPath: folder("d.gz"), toPath: folder("disk1.vmdk"))
    var descriptor = TestDescriptor()
    descriptor.files = #"<File ovf:href="disk1.vmdk" ovf:id="file1" ovf:compression="gzip"/>"#
    try folder.write("vm.ovf", descriptor.bytes)
  }

  private static func nested(_ folder: TestFolder) async throws {
    try await folder.disk("d", "vmdk", size: 65536)
    _ = try await Tool.output(
      "qemu-img", ["convert", "-f", "raw", "-O", "qcow2", folder("d"), folder("disk1.vmdk")])
    unlink(folder("d"))
    var descriptor = TestDescriptor()
    descriptor.disks = descriptor.disks.replacing("vmdk.html#streamOptimized", with: "qcow2")
    try folder.write("vm.ovf", descriptor.bytes)
  }

  private static func ova(_ folder: TestFolder) async throws {
    try await folder.disk("d", "vmdk", size: 65536, options: stream)
    var archive = TestArchive()
    archive.add("vm.ovf", TestDescriptor().bytes)
    archive.add("disk1.vmdk", try folder.bytes("d"))
    archive.finish()
    unlink(folder("d"))
    try folder.write("vm.ova", archive.bytes)
  }

  private static func manifest(_ folder: TestFolder) async throws {
    try await chain(folder, "qcow2")
    try folder.write(
      "backup.json",
      """
      {"schema": "backup/1", "platform": "x", "takenAt": "2026-05-01T10:00:00Z",
       "machine": {"schema": "machine/1", "name": "db", "cpu": {"count": 2}, "memoryBytes": 1073741824,
         "firmware": {"type": "uefi", "secureBoot": true}, "identity": {"uuid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427"},
         "disks": [{"index": 0, "name": "d", "sizeBytes": 4194304, "boot": true}]},
       "disks": [{"index": 0, "chain": [{"file": "base.qcow2", "format": "qcow2"},
         {"file": "top.qcow2", "format": "qcow2", "sizeBytes": \(try folder.bytes("top.qcow2").count)}]}]}
      """.utf8)
  }

  private static func checksums(_ folder: TestFolder) throws {
    for name in ["a.raw", "b.raw"] { try folder.raw(name, size: 65536) }
    let digest = sha256(try folder.bytes("a.raw"))
    try folder.write("SHA256SUMS", "# images\n\(digest)  a.raw\nSHA256 (b.raw) = \(digest)\n\(digest) *c.iso\n".utf8)
  }
}
