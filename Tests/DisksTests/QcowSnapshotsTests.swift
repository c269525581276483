import Foundation
import Support
import Testing

@testable import Disks

@Suite struct QcowSnapshotsTests {
  /// An image with two snapshots, and where their table begins.
  private func image() async throws -> (TestImages, ImageLayer, Int) {
    let images = try TestImages()
    let layer = ImageLayer(path: images.path("d.qcow2"), format: .qcow2)
    try await images.qemuImg("create", "-q", "-f", "qcow2", layer.path, "1M")
    for name in ["before", "é"] { try await images.qemuImg("snapshot", "-c", name, layer.path) }
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    return (images, layer, Int(try #require(bytes.integer(UInt64.self, at: 64, bigEndian: true))))
  }

  private func change(_ layer: ImageLayer, at place: Int, _ value: [UInt8]) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    bytes.replaceSubrange(place..<(place + value.count), with: value)
    try Data(bytes).write(to: URL(fileURLWithPath: layer.path))
  }

  @Test func namesAreRead() async throws {
    let (images, layer, _) = try await image()
    let kept = try #require(try QcowSnapshots(in: layer))
    #expect(kept.count == 2 && kept.names == ["before", "é"])
    for name in ["before", "é"] { try await images.qemuImg("snapshot", "-d", name, layer.path) }
    #expect(try QcowSnapshots(in: layer) == nil)
    #expect(try QcowSnapshots(in: ImageLayer(path: layer.path, format: .raw)) == nil)
  }

  /// A table that cannot be, by the image's header: nothing reads on, neither we nor a tool.
  @Test(
    arguments: [
      (60, [0, 1, 0, 1]), (60, [0xff, 0xff, 0xff, 0xff]), (64, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      (64, [0, 0, 0, 0, 0x7f, 0, 0, 0]),
    ] as [(Int, [UInt8])]) func aTableOutOfTheImage(_ place: Int, _ value: [UInt8]) async throws
  {
    let (images, layer, _) = try await image()
    try change(layer, at: place, value)
    let error = try await ascendError { _ = try await DiskChain.resolve([layer], within: images.folder) }
    #expect(error.code == "disk.malformed" && error.cause?.contains("snapshots") == true)
  }

  /// More snapshots than the table holds, entries that lead behind its end: what is there is told, within limits.
  @Test func entriesThatLeadNowhere() async throws {
    let (images, layer, table) = try await image()
    try change(layer, at: 60, [0, 1, 0, 0])
    let many = try #require(try QcowSnapshots(in: layer))
    #expect(many.count == 65_536 && many.names.count <= 16 && many.names.prefix(2) == ["before", "é"])
    try change(layer, at: table + 36, [0xff, 0xff, 0xff, 0xff])
    #expect(try QcowSnapshots(in: layer)?.names == [])
    try change(layer, at: table + 36, [0, 0, 0, 16])
    try change(layer, at: table + 12, [0xff, 0xff, 0xff, 0xff])
    #expect(try QcowSnapshots(in: layer)?.names.first?.isEmpty ?? true)
    // Opened, qemu refuses such a table; what was told before it does is bounded.
    let error = try await ascendError { _ = try await DiskChain.resolve([layer], within: images.folder) }
    #expect(error.code == "disk.unreadable" || error.code == "disk.corrupt")
  }
}
