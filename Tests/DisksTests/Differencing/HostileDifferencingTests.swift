import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Disks

/// Differencing images that were damaged, or made to lead astray.
@Suite struct HostileDifferencingTests {
  private static let mebi = 1 << 20

  /// A parent and a child that is in order.
  private func pair(_ images: TestImages) throws -> (parent: TestVHDX, child: TestVHDX) {
    let parent = TestVHDX(size: 8 * Self.mebi, identifier: TestVHDX.guid(11))
    _ = try images.write("parent.vhdx", parent.bytes())
    var child = TestVHDX(size: 8 * Self.mebi, identifier: TestVHDX.guid(12), parentLinkage: parent.identifier)
    child.parentNames = ["relative_path": "parent.vhdx"]
    child.blocks = [1: .partly([0: Array(repeating: 1, count: 512)]), 2: .full([1, 2, 3])]
    return (parent, child)
  }

  private func refusal(_ images: TestImages, _ name: String = "child.avhdx") async throws -> AscendError {
    let before = try images.fingerprint()
    let error = try await ascendError {
      let layers = try DiskChain.parents(of: images.path(name), within: images.folder)
      _ = try await DiskChain.resolve(layers, within: images.folder)
    }
    #expect(error.object != nil)
    #expect(error.remedy != nil)
    #expect(try images.fingerprint() == before)
    return error
  }

  /// Where the child's table of blocks starts, and the writer's place of the bitmap's entry.
  private static let table = 3 << 20

  @Test func parentsThatAreNotThere() async throws {
    let images = try TestImages()
    let outside = try TestImages()
    var (parent, child) = try pair(images)
    _ = try images.write("child.avhdx", child.bytes())
    #expect(try DiskChain.parents(of: images.path("child.avhdx"), within: images.folder).count == 2)
    try FileManager.default.removeItem(atPath: images.path("parent.vhdx"))
    #expect(try await refusal(images).code == "disk.parentMissing")
    // The parent is there, out of the folder: by a path, by a link, by an absolute path.
    _ = try outside.write("parent.vhdx", parent.bytes())
    let name = (outside.folder as NSString).lastPathComponent
    child.parentNames = [
      "relative_path": "..\\\(name)\\parent.vhdx", "absolute_win32_path": outside.path("parent.vhdx"),
      "volume_path": "\\\\?\\Volume{1}\\parent.vhdx",
    ]
    _ = try images.write("child.avhdx", child.bytes())
    let error = try await refusal(images)
    #expect(error.code == "disk.parentMissing")
    #expect(error.cause?.contains(name) == true)
    try FileManager.default.createSymbolicLink(
      atPath: images.path("parent.vhdx"), withDestinationPath: outside.path("parent.vhdx"))
    #expect(try await refusal(images).code == "disk.parentMissing")
    try FileManager.default.removeItem(atPath: images.path("parent.vhdx"))
    parent.identifier = TestVHDX.guid(99)
    _ = try images.write("parent.vhdx", parent.bytes())
    #expect(try await refusal(images).code == "disk.parentChanged")
    _ = try images.write("parent.vhdx", [1, 2, 3])
    #expect(try await refusal(images).code == "disk.parentChanged")
    child.parentLinkage = TestVHDX.guid(0)
    _ = try images.write("child.avhdx", child.bytes())
    #expect(try await refusal(images).code == "disk.malformed")
  }

  @Test func aLoop() async throws {
    let images = try TestImages()
    var (_, child) = try pair(images)
    child.parentLinkage = TestVHDX.guid(13)
    child.parentNames = ["relative_path": "other.avhdx"]
    _ = try images.write("child.avhdx", child.bytes())
    var other = child
    other.identifier = TestVHDX.guid(13)
    other.parentLinkage = child.identifier
    other.parentNames = ["relative_path": ".\\child.avhdx"]
    _ = try images.write("other.avhdx", other.bytes())
    #expect(try await refusal(images).code == "disk.chainLoop")
    child.parentLinkage = child.identifier
    child.parentNames = ["relative_path": "child.avhdx"]
    _ = try images.write("child.avhdx", child.bytes())
    #expect(try await refusal(images).code == "disk.chainLoop")
  }

  @Test func logsWithChanges() async throws {
    let images = try TestImages()
    var (parent, child) = try pair(images)
    child.dirty = true
    _ = try images.write("child.avhdx", child.bytes())
    #expect(try await refusal(images).code == "disk.dirtyLog")
    child.dirty = false
    _ = try images.write("child.avhdx", child.bytes())
    parent.dirty = true
    _ = try images.write("parent.vhdx", parent.bytes())
    let error = try await refusal(images)
    #expect(error.code == "disk.dirtyLog")
    #expect(error.remedy?.contains("Mount-VHD") == true)
  }

  @Test func tablesThatPointAstray() async throws {
    let images = try TestImages()
    let (_, child) = try pair(images)
    let good = child.bytes()
    func with(_ entry: Int, _ value: UInt64) async throws -> AscendError {
      var bytes = good
      bytes.put(value.littleEndianBytes, at: Self.table + entry * 8)
      _ = try images.write("child.avhdx", bytes)
      return try await refusal(images)
    }
    #expect(try await with(1, UInt64(1) << 40 | 6).code == "disk.truncated")
    #expect(try await with(1, .max << 20 | 6).code == "disk.truncated")
    #expect(try await with(1, UInt64(good.count) | 6).code == "disk.truncated")
    #expect(try await with(1, 6).code == "disk.malformed")
    #expect(try await with(1, 4).code == "disk.malformed")
    // Every block at the same place.
    var shared = good
    for entry in 0..<8 { shared.put(UInt64(4 << 20 | 6).littleEndianBytes, at: Self.table + entry * 8) }
    _ = try images.write("child.avhdx", shared)
    #expect(try await refusal(images).code == "disk.malformed")
    // A block that is there in part, and no map of its sectors.
    let layers: () throws -> [ImageLayer] = {
      try DiskChain.parents(of: images.path("child.avhdx"), within: images.folder)
    }
    var unmapped = good
    unmapped.put(UInt64(0).littleEndianBytes, at: Self.table + 4096 * 8)
    _ = try images.write("child.avhdx", unmapped)
    #expect(try await refusal(images).code == "disk.malformed")
    _ = try images.write("child.avhdx", good.dropLast(2 << 20))
    #expect(try await refusal(images).code == "disk.truncated")
    _ = try images.write("child.avhdx", good)
    #expect(try await DiskChain.resolve(layers(), within: images.folder).layers.count == 2)
  }

  @Test func aDifferencingImageAlone() async throws {
    let images = try TestImages()
    let (_, child) = try pair(images)
    _ = try images.write("child.avhdx", child.bytes())
    let error = try await ascendError {
      _ = try await DiskChain.resolve(
        [ImageLayer(path: images.path("child.avhdx"), format: .vhdx)], within: images.folder)
    }
    #expect(error.code == "disk.unsupported")
    // And one that is none, on top of another.
    let wrong = try await ascendError {
      _ = try await DiskChain.resolve(
        [
          ImageLayer(path: images.path("child.avhdx"), format: .vhdx),
          ImageLayer(path: images.path("parent.vhdx"), format: .vhdx),
        ], within: images.folder)
    }
    #expect(wrong.code == "disk.unsupported")
  }

  @Test func aFixedVHDWithAWrongFooter() async throws {
    let images = try TestImages()
    let layer = try await images.image(
      .vpc, from: images.raw("r", size: 1 << 20), name: "d.vhd", options: "subformat=fixed,force_size=on")
    let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    func resolve(_ bytes: [UInt8]) async throws -> AscendError {
      _ = try images.write("d.vhd", bytes)
      return try await ascendError { _ = try await DiskChain.resolve([layer], within: images.folder) }
    }
    // It has no tables to look through.
    try HyperVImage(layer.path, .vpc).survey()
    var bytes = good
    bytes[good.count - 512 + 70] ^= 1
    #expect(try await resolve(bytes).code == "disk.malformed")
    // The size says more than is there.
    bytes = good
    bytes[good.count - 512 + 52] = 1
    bytes.put([0, 0, 0, 0], at: good.count - 512 + 64)
    let sum = VHDFooter.sum(Array(bytes.suffix(512)), skipping: 64)
    bytes.put(sum.bigEndianBytes, at: good.count - 512 + 64)
    #expect(try await resolve(bytes).code == "disk.truncated")
    // The footer is gone, as a copy of the raw size makes it.
    #expect(try await resolve(good.dropLast(512)).code == "disk.formatMismatch")
  }

  /// Mutated images: an index or one clear error, never a trap, and never a huge index.
  @Test(arguments: [ImageFormat.vhdx, .vpc]) func mutations(_ format: ImageFormat) throws {
    let images = try TestImages()
    var vhdx = TestVHDX(size: 8 * Self.mebi, parentLinkage: TestVHDX.guid(11))
    vhdx.parentNames = ["relative_path": "p"]
    vhdx.blocks = [1: .partly([0: Array(repeating: 1, count: 512)])]
    var vhd = TestVHD(size: 8 * Self.mebi, blockBytes: 512 << 10, parentIdentifier: TestVHDX.guid(3))
    vhd.relativeName = "p"
    vhd.blocks = [1: [3: Array(repeating: 1, count: 512)]]
    let good = format == .vhdx ? vhdx.bytes() : vhd.bytes()
    let places =
      format == .vhdx
      ? [
        0..<80, 64 << 10..<(64 << 10) + 80, 128 << 10..<(128 << 10) + 80, 192 << 10..<(192 << 10) + 80,
        2 << 20..<(2 << 20) + 256, (2 << 20) + 65536..<(2 << 20) + 65900, 3 << 20..<(3 << 20) + 64,
        (3 << 20) + 32768..<(3 << 20) + 32776,
      ]
      : [0..<96, 512..<700, 1088..<1150, 1536..<1600, good.count - 512..<good.count - 420]
    var random = TestRandom(seed: 7)
    let wanted = ProcessInfo.processInfo.environment["ASCEND_MUTATIONS"].flatMap { Int($0) } ?? 500
    var failures = 0
    let path = try images.write("bad", good)
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    for _ in 0..<wanted {
      var changes: [(Int, UInt8)] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let range = try #require(places.randomElement(using: &random))
        changes.append((Int.random(in: range, using: &random), UInt8.random(in: 0...255, using: &random)))
      }
      var bytes = good
      for (at, byte) in changes { bytes[at] = byte }
      // Checksums would hide what is behind them.
      if format == .vhdx {
        for (at, length) in [(64 << 10, 4096), (128 << 10, 4096), (192 << 10, 65536)] {
          let sum = CRC32C.checksum(Array(bytes[at..<at + length]), zeroed: 4..<8)
          bytes.put(sum.littleEndianBytes, at: at + 4)
        }
      } else {
        bytes.put(VHDFooter.sum(Array(bytes[512..<1536]), skipping: 36).bigEndianBytes, at: 548)
      }
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: bytes)
      do throws(AscendError) {
        let image = try HyperVImage(path, format)
        _ = try image.isDirty()
        if image.isDifferencing { try image.writeIndex(at: images.path("index")) }
        _ = try? ParentSearch.parent(of: image, format, within: images.folder)
      } catch {
        failures += 1
        #expect(error.code.rawValue.hasPrefix("disk."))
      }
      for end in ["", ".index", ".data"] { try? FileManager.default.removeItem(atPath: images.path("index" + end)) }
    }
    #expect(failures > wanted / 10)
  }
}
