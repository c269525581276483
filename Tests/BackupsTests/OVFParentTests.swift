import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// Descriptors in which a disk holds only what differs from another one (`parentRef`).
@Suite struct OVFParentTests {
  /// The machine's disk is a delta of another in the package, which itself is attached to nothing.
  static var descriptor: TestDescriptor {
    var descriptor = TestDescriptor()
    descriptor.files =
      #"<File ovf:href="base.vmdk" ovf:id="file0"/><File ovf:href="delta.vmdk" ovf:id="file1"/>"#
    descriptor.disks =
      TestDescriptor.disk("base", "file0")
      + TestDescriptor.disk("vmdisk1", "file1").replacing("ovf:diskId", with: "ovf:parentRef=\"base\" ovf:diskId")
    return descriptor
  }

  /// A disk before and after its snapshot, with both contents as raw files.
  private func disks(_ folder: TestFolder, _ format: String = "vmdk", options: String? = nil) async throws {
    try folder.folder("p")
    try await folder.disk("old-base", format, options: options)
    _ = try await Tool.output(
      "qemu-img", ["create", "-q", "-f", format, "-b", folder("old-base"), "-F", format, folder("old-delta")])
    _ = try await Tool.output(
      "qemu-io", ["-f", format, "-c", "write -q -P 0x5a 1M 192k", "-c", "write -q -P 7 0 512", folder("old-delta")])
    for name in ["base", "delta"] {
      _ = try await Tool.output("qemu-img", ["convert", "-O", "raw", folder("old-\(name)"), folder("\(name).raw")])
    }
    // Whoever exports them calls them otherwise: what a delta says of its parent leads nowhere.
    for name in ["base", "delta"] {
      try FileManager.default.moveItem(atPath: folder("old-\(name)"), toPath: folder("p/\(name).vmdk"))
    }
  }

  private func same(_ chain: DiskChain, _ raw: String) async throws -> Bool {
    try await Tool.run("qemu-img", ["compare", "-F", "raw", chain.blockdevJSON(), raw]).exitCode == 0
  }

  private func expectBothStates(_ backup: Backup, _ folder: TestFolder) async throws {
    #expect(backup.disks.map(\.chain.layers.count) == [2])
    #expect(backup.points.map(\.id) == ["base", "delta"])
    #expect(!backup.losses.contains { $0.property.hasPrefix("File ") })
    #expect(try await same(backup.disks[0].chain, folder("delta.raw")))
    #expect(try await same(backup.at("base").disks[0].chain, folder("base.raw")))
    #expect(try await BackupReader.verify(backup).passed)
    let overlay = try await Overlay.create(at: folder("overlay.qcow2"), over: backup.disks[0].chain)
    let compared = try await Tool.run(
      "qemu-img", ["compare", "-F", "raw", overlay.blockdevJSON(), folder("delta.raw")])
    #expect(compared.exitCode == 0)
  }

  @Test(arguments: [nil, "subformat=streamOptimized"]) func aDeltaOfVMDK(_ options: String?) async throws {
    let folder = try TestFolder()
    try await disks(folder, options: options)
    try folder.write("p/vm.ovf", Self.descriptor.bytes)
    try await expectBothStates(try await BackupReader.read(folder("p")), folder)
  }

  @Test func aDeltaOfQcow2() async throws {
    let folder = try TestFolder()
    try await disks(folder, "qcow2")
    var descriptor = Self.descriptor
    descriptor.disks = descriptor.disks.replacing("vmdk.html#streamOptimized", with: "qcow2")
    try folder.write("p/vm.ovf", descriptor.bytes)
    try await expectBothStates(try await BackupReader.read(folder("p")), folder)
  }

  /// qemu cannot be told of such a parent, where the delta names one.
  @Test func inAnArchive() async throws {
    let folder = try TestFolder()
    try await disks(folder)
    var archive = TestArchive()
    archive.add("vm.ovf", Self.descriptor.bytes)
    for name in ["base.vmdk", "delta.vmdk"] { archive.add(name, try folder.bytes("p/\(name)")) }
    archive.finish()
    let error = try await folder.refusal(try folder.write("vm.ova", archive.bytes))
    #expect(error.code == "disk.unsupported" && error.remedy?.contains("Unpack") == true)
  }

  private func refusal(_ change: (inout TestDescriptor, TestFolder) async throws -> Void) async throws -> AscendError {
    let folder = try TestFolder()
    try await disks(folder)
    var descriptor = Self.descriptor
    try await change(&descriptor, folder)
    try folder.write("p/vm.ovf", descriptor.bytes)
    return try await folder.refusal(folder("p"))
  }

  @Test func parentsThatAreNone() async throws {
    let unlisted = try await refusal { descriptor, _ in
      descriptor.disks = descriptor.disks.replacing("parentRef=\"base\"", with: "parentRef=\"other\"")
    }
    #expect(unlisted.code == "backup.descriptorMalformed" && unlisted.cause?.contains("other") == true)
    let empty = try await refusal { descriptor, _ in
      descriptor.disks = descriptor.disks.replacing("ovf:fileRef=\"file0\" ", with: "")
    }
    #expect(empty.code == "backup.unsupported")
    let loop = try await refusal { descriptor, _ in
      descriptor.disks = descriptor.disks.replacing(
        "ovf:diskId=\"base\"", with: "ovf:parentRef=\"vmdisk1\" ovf:diskId=\"base\"")
    }
    #expect(loop.code == "disk.chainLoop")
    let own = try await refusal { descriptor, _ in
      descriptor.disks = descriptor.disks.replacing("parentRef=\"base\"", with: "parentRef=\"vmdisk1\"")
    }
    #expect(own.code == "disk.chainLoop")
    let gone = try await refusal { _, folder in unlink(folder("p/base.vmdk")) }
    #expect(gone.code == "backup.diskMissing" && gone.message.contains("base.vmdk"))
  }

  /// Images that say of themselves that they do not belong together.
  @Test func parentsThatAreOthers() async throws {
    let other = try await refusal { _, folder in
      try await folder.disk("p/base.vmdk", "vmdk", seed: 9)
    }
    #expect(other.code == "disk.parentChanged")
    let alone = try await refusal { _, folder in
      try await folder.disk("p/delta.vmdk", "vmdk", seed: 9)
    }
    #expect(alone.code == "disk.parentChanged" && alone.cause?.contains("stands alone") == true)
    let raw = try await refusal { descriptor, folder in
      try await folder.disk("p/base.vmdk", "raw")
      let base = TestDescriptor.disk("base", "file0")
      descriptor.disks = descriptor.disks.replacing(
        base, with: base.replacing("vmdk.html#streamOptimized", with: "raw"))
    }
    #expect(raw.code == "disk.parentChanged")
    let delta = try await refusal { descriptor, folder in
      try await folder.disk("p/delta.vmdk", "raw")
      let delta = TestDescriptor.disk("vmdisk1", "file1")
        .replacing("ovf:diskId", with: "ovf:parentRef=\"base\" ovf:diskId")
      descriptor.disks = descriptor.disks.replacing(
        delta, with: delta.replacing("vmdk.html#streamOptimized", with: "raw"))
    }
    #expect(delta.code == "disk.unsupported")
  }
}
