import ConnectorDisk
import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorImages

@Suite struct DynamicVHDXTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: oddSizes) func theImageHoldsTheDisk(_ size: Int64) async throws {
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    let image = encode(reader, as: DynamicVHDXEncoder(sizeBytes: size))
    let known = try await image.encoder.imageBytes(of: reader)
    let path = try await scratch.write(holesOf: image, to: "out.vhdx")
    #expect(image.totals?.bytes == known)
    #expect(try scratch.size(path) == known)
    #expect(try #require(known) <= image.encoder.largestImage(allocatedBytes: 12 << 20))
    let info = try scratch.info(path, "vhdx")
    #expect(info["virtual-size"] as? Int64 == size)
    #expect(info["dirty-flag"] as? Bool == false)
    let check = try scratch.run("qemu-img", ["check", "-f", "vhdx", path])
    #expect(check.contains("No errors were found"))
    try scratch.expectSame(path, "vhdx", disk, size: size)
  }

  /// As bytes too, and in blocks of any size: with many bitmaps' places in the table, and with few.
  @Test(arguments: [Int64(1) << 20, 2 << 20, 32 << 20, 256 << 20]) func blocksOfAnySize(_ block: Int64) async throws {
    let size: Int64 = (9 << 30) + 512
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    var options = DynamicVHDXEncoder.Options()
    options.blockBytes = block
    let encoder = DynamicVHDXEncoder(sizeBytes: size, options: options)
    #expect(encoder.blockBytes == block)
    let path = try await scratch.write(encode(reader, as: encoder), to: "out.vhdx")
    #expect(try scratch.size(path) == (try await encoder.imageBytes(of: reader)))
    try scratch.run("qemu-img", ["check", "-f", "vhdx", path])
    try scratch.expectSame(path, "vhdx", disk, size: size)
  }

  @Test func zerosAreNotStored() async throws {
    let size: Int64 = 64 << 20
    let reader = try await scratch.reader(try scratch.raw(size: size))
    let image = encode(reader, as: DynamicVHDXEncoder(sizeBytes: size))
    for try await _ in image {}
    // Headers, log, metadata and table.
    #expect(image.totals?.bytes == 4 << 20)
  }

  @Test func theSameDiskMakesTheSameBytes() async throws {
    let size: Int64 = 40 << 20
    let reader = try await scratch.reader(try scratch.raw(size: size, Sample.parts(size)))
    var seen: Set<String> = []
    for identity in ["", "", "another"] {
      var options = DynamicVHDXEncoder.Options()
      options.identity = identity
      let image = encode(reader, as: DynamicVHDXEncoder(sizeBytes: size, options: options), digests: [.sha256])
      for try await _ in image {}
      seen.insert(try #require(image.totals?.digests[.sha256]))
      for try await _ in image.pieces {}
      seen.insert(try #require(image.totals?.digests[.sha256]))
    }
    #expect(seen.count == 2)
  }

  /// Checksums as the specification's reader reckons them, both copies of each structure, an empty log.
  @Test func bothCopiesOfTheHeadersAreValid() async throws {
    let size: Int64 = 20 << 20
    let reader = try await scratch.reader(try scratch.raw(size: size, [(0, Sample.text(512))]))
    let path = try await scratch.write(encode(reader, as: DynamicVHDXEncoder(sizeBytes: size)), to: "out.vhdx")
    let file = try Data(contentsOf: URL(filePath: path))
    for (offset, length, name) in [
      (64 << 10, 4096, "head"), (128 << 10, 4096, "head"), (192 << 10, 64 << 10, "regi"), (256 << 10, 64 << 10, "regi"),
    ] {
      let bytes = [UInt8](file[offset..<offset + length])
      #expect(bytes.starts(with: name.utf8))
      let sum = bytes[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(sum == CRC32C.checksum(bytes, zeroed: 4..<8))
      if name == "head" { #expect(bytes[48..<64].allSatisfy { $0 == 0 }) }
    }
    #expect(file[1 << 20..<2 << 20].allSatisfy { $0 == 0 })
    // The standard's check value.
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
  }

  @Test func hugeDisksHaveLargerBlocks() {
    for size in [Int64(1) << 30, 1 << 40, 4 << 40, 64 << 40] {
      let encoder = DynamicVHDXEncoder(sizeBytes: size)
      #expect(size / encoder.blockBytes * 8 <= 8 << 20)
      #expect(encoder.blockBytes == max(1 << 20, size >> 20))
    }
  }

  @Test func aMapCountsItsBlocks() {
    var map = BlockMap(sizeBytes: 1000 << 20, blockBytes: 1 << 20)
    for block in [Int64(0), 1, 63, 64, 130, 999] { map.insert(block << 20..<(block << 20) + 1) }
    map.insert(62 << 20..<(65 << 20) + 1)
    #expect(map.present == 8)
    #expect(map.count(in: 0..<1000) == 8)
    #expect(map.count(in: 0..<63) == 3)
    #expect(map.count(in: 63..<64) == 1)
    #expect(map.count(in: 64..<128) == 2)
    #expect(map.count(in: 65..<999) == 2)
    #expect(map.count(in: 5..<5) == 0)
  }
}
