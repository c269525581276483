import Foundation
import Support
import Testing

@testable import Backups

@Suite struct SnapshotsWithinImagesTests {
  /// States that `qemu-img snapshot` keeps in the image, in any layer: none is restored, so each is said.
  @Test func areSaid() async throws {
    let folder = try TestFolder()
    _ = try await TestCopies(folder, ["base.qcow2", "top.qcow2"])
    #expect(try await BackupReader.read(folder("top.qcow2")).losses.isEmpty)
    for (image, name) in [("base", "a b"), ("top", "before"), ("top", "x\u{1b}[2J")] {
      _ = try await Tool.output("qemu-img", ["snapshot", "-c", name, folder("\(image).qcow2")])
    }
    let backup = try await BackupReader.read(folder("top.qcow2"))
    #expect(backup.losses.map(\.property) == ["Snapshots within base.qcow2", "Snapshots within top.qcow2"])
    #expect(backup.losses.map(\.value) == ["a b", "before, x[2J"])
    try folder.json("web.xml", TestDomain.text(TestDomain.disk("vda", "top.qcow2")))
    let domain = try await BackupReader.read(folder("web.xml"))
    #expect(domain.losses.filter { $0.property.hasPrefix("Snapshots within") } == backup.losses)
  }

  @Test func manyAreCounted() async throws {
    let folder = try TestFolder()
    try await folder.disk("d.qcow2", "qcow2", size: 1 << 20)
    for number in 0..<20 { _ = try await Tool.output("qemu-img", ["snapshot", "-c", "s\(number)", folder("d.qcow2")]) }
    let value = try #require(try await BackupReader.read(folder("d.qcow2")).losses.first?.value)
    #expect(value.hasPrefix("s0, s1, ") && value.hasSuffix("s15 and 4 more"))
  }
}
