import Foundation
import Support
import Testing

@testable import Disks

/// Snapshots of VMFS 6: over a flat base, over one another, and damaged.
@Suite struct SESparseTests {
  private let images: TestImages
  /// Three tables, the last of them for one grain that is not whole.
  private static let sectors = 2 * 8 * TestSESparse.grainsPerTable + 5

  init() throws { images = try TestImages() }

  private func grain(_ seed: Int) -> TestSESparse.Grain {
    .data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) | 1 })
  }

  private func base() throws -> [UInt8] {
    let raw = try images.raw("base-flat.vmdk", size: Self.sectors * 512, runs: 40)
    let text = """
      # Disk DescriptorFile
      version=1
      CID=0badcafe
      parentCID=ffffffff
      createType="vmfs"
      RW \(Self.sectors) VMFS "base-flat.vmdk"

      """
    _ = try images.write("base.vmdk", text.utf8)
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
  }

  private func first() -> TestSESparse {
    TestSESparse(
      sectors: Self.sectors,
      grains: [
        0: grain(1), 1: .zeros, 2: .discarded, 17: grain(2), 4095: grain(3), 4096: grain(4), 8190: .zeros,
        8191: grain(5), 8192: grain(6),
      ])
  }

  private func write(_ delta: TestSESparse, _ name: String, over parent: String, parentID: String, identifier: String)
    throws
  {
    _ = try images.write("\(name)-sesparse.vmdk", delta.bytes)
    let text = delta.descriptor(
      "\(name)-sesparse.vmdk", parent: "/vmfs/volumes/5c0ffee/web/\(parent).vmdk", parentID: parentID,
      identifier: identifier)
    _ = try images.write("\(name).vmdk", text.utf8)
  }

  private func read(_ name: String) async throws -> DiskChain {
    try await DiskChain.resolve(
      DiskChain.parents(of: images.path(name), within: images.folder), within: images.folder)
  }

  @Test func aChainOfSnapshots() async throws {
    let content = try base()
    try write(first(), "one", over: "base", parentID: "0badcafe", identifier: "00c0ffee")
    // Its grains lie where a place has more than twelve bits.
    var second = TestSESparse(sectors: Self.sectors, firstPlace: 4094)
    second.grains = [0: .zeros, 1: grain(7), 17: .discarded, 100: grain(8), 5000: grain(9), 8192: .zeros]
    try write(second, "two", over: "one", parentID: "00c0ffee", identifier: "000000aa")
    let wanted = [first().applied(to: content), second.applied(to: first().applied(to: content))]
    for (name, wanted) in zip(["one.vmdk", "two.vmdk"], wanted) {
      let before = try images.fingerprint()
      let chain = try await read(name)
      #expect(try images.fingerprint() == before)
      #expect(chain.virtualSizeBytes == Int64(Self.sectors) * 512)
      _ = try images.write("wanted", wanted)
      #expect(try await images.same(chain, images.chain(raw: images.path("wanted"))))
      for layer in chain.layers { #expect(try await ImageCheck.run(layer) == .sound) }
      let overlay = try await Overlay.create(at: images.path("over-\(name)"), over: chain)
      try await images.qemuImg("convert", "-O", "raw", overlay.blockdevJSON(), images.path("copy"))
      #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: images.path("copy")))) == wanted)
    }
    let files = try await read("two.vmdk").layers.flatMap(\.files).map { ($0 as NSString).lastPathComponent }
    #expect(
      files == [
        "base.vmdk", "base-flat.vmdk", "one.vmdk", "one-sesparse.vmdk", "two.vmdk", "two-sesparse.vmdk",
      ])
  }

  /// 4 TiB, with something at both ends.
  @Test func aHugeDisk() async throws {
    let sectors = 4 << 31
    let delta = TestSESparse(sectors: sectors, grains: [0: grain(1), sectors / 8 - 1: grain(2)])
    let window = try FileWindow(images.write("huge-sesparse.vmdk", delta.bytes))
    #expect(try SESparseHeader.read(window).directoryEntries == 1 << 18)
    #expect(try VMDKTables.damage(window) == nil)
  }

  private func refusal() async throws -> AscendError {
    let before = try images.fingerprint()
    let error = try await ascendError { _ = try await read("one.vmdk") }
    #expect(try images.fingerprint() == before)
    #expect(error.object != nil && error.remedy != nil)
    return error
  }

  /// Fields of the headers: by their place in the file, a value that cannot be, and what is said of it.
  @Test(arguments: [
    (0, 1, "disk.malformed"), (8, 1, "disk.unsupported"), (16, 0, "disk.malformed"), (16, 8, "disk.malformed"),
    (16, 1 << 40, "disk.tooLarge"), (24, 16, "disk.unsupported"), (32, 128, "disk.unsupported"),
    (40, 1, "disk.unsupported"), (72, 1, "disk.unsupported"), (80, 0, "disk.malformed"),
    (80, 1 << 60, "disk.malformed"), (128, 0, "disk.malformed"), (128, 1 << 54, "disk.malformed"),
    (128, Int.max, "disk.malformed"), (136, 0, "disk.malformed"), (136, 1 << 60, "disk.malformed"),
    (144, 0, "disk.malformed"), (144, 1 << 60, "disk.malformed"), (192, 0, "disk.malformed"),
    (192, Int.max, "disk.malformed"), (504, 1, "disk.unsupported"), (512, 1, "disk.malformed"),
    (512 + 24, 1, "disk.dirtyLog"), (512 + 504, 1, "disk.malformed"),
  ]) func headersThatAreWrong(_ place: Int, _ value: Int, _ code: String) async throws {
    _ = try base()
    try write(first(), "one", over: "base", parentID: "0badcafe", identifier: "00c0ffee")
    var bytes = first().bytes
    bytes.put(UInt64(value).littleEndianBytes, at: place)
    _ = try images.write("one-sesparse.vmdk", bytes)
    #expect(try await refusal().code.rawValue == code)
  }

  /// Entries of the directory and of a table that qemu would read the parent for, without a word.
  @Test func tablesThatPointAstray() async throws {
    _ = try base()
    let delta = first()
    try write(delta, "one", over: "base", parentID: "0badcafe", identifier: "00c0ffee")
    let good = delta.bytes
    let directory = TestSESparse.directorySector * 512
    // The first table of the file is that of the disk's end.
    let table = (delta.tablesSector + 2 * 64) * 512
    let places: [(Int, UInt64)] = [
      (directory, 2 << 60), (directory, 0x1000_0001 << 32), (directory, 0x1000_0000 << 32 | 1000),
      (directory, 0x1000_0000 << 32 | 0xffff_ffff), (directory, .max), (table, 4 << 60), (table, 1),
      (table, 3 << 60 | 100 << 48), (table, 3 << 60 | 1), (table, .max), (table + 17 * 8, 3 << 60 | 0xffff_ffff_ffff),
    ]
    for (place, value) in places {
      var bytes = good
      bytes.put(value.littleEndianBytes, at: place)
      _ = try images.write("one-sesparse.vmdk", bytes)
      let error = try await refusal()
      #expect(error.code == "disk.corrupt", "\(place) \(value)")
      #expect(error.cause?.hasPrefix("one-sesparse.vmdk: ") == true)
    }
    // Every grain at the same place, in every table.
    var shared = good
    for number in 0..<3 * TestSESparse.grainsPerTable {
      shared.put(UInt64(3 << 60).littleEndianBytes, at: delta.tablesSector * 512 + number * 8)
    }
    _ = try images.write("one-sesparse.vmdk", shared)
    #expect(try await refusal().cause?.contains("share their places") == true)
  }

  @Test func cutShort() async throws {
    _ = try base()
    try write(first(), "one", over: "base", parentID: "0badcafe", identifier: "00c0ffee")
    let good = first().bytes
    for length in [0, 511, 512, 1024, 4096, 4608, 8192, good.count / 2, good.count - 4096, good.count - 512 * 4] {
      _ = try images.write("one-sesparse.vmdk", good[..<length])
      #expect(["disk.malformed", "disk.corrupt"].contains(try await refusal().code), "\(length)")
    }
    // Of the last grain the disk has five sectors only.
    _ = try images.write("one-sesparse.vmdk", good[..<(good.count - 512 * 3)])
    _ = try await read("one.vmdk")
  }

  @Test func namedWithoutItsDescriptor() async throws {
    _ = try images.write("one-sesparse.vmdk", first().bytes)
    let error = try await ascendError { _ = try await read("one-sesparse.vmdk") }
    #expect(error.code == "disk.unsupported" && error.remedy?.contains("descriptor") == true)
  }
}
