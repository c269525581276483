import ConnectorDisk
import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorImages

@Suite struct RawTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: oddSizes) func theImageIsTheDisk(_ size: Int64) async throws {
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    let image = encode(reader, as: RawEncoder(sizeBytes: size))
    let path = try await scratch.write(holesOf: image, to: "out.raw")
    #expect(try scratch.size(path) == size)
    #expect(image.totals?.bytes == size)
    try scratch.expectSame(path, "raw", disk, size: size)
    // What is zeros was no byte of the image: neither what the disk does not store nor what it stores.
    var facts = stat()
    #expect(stat(path, &facts) == 0)
    #expect(facts.st_blocks * 512 < 8 << 20)
  }

  @Test func holesAreWhereTheDisksStepsAreZeros() async throws {
    let size: Int64 = (8 << 20) + 1536
    let parts = [(Int64(1 << 20) + 70_000, Sample.text(10)), (Int64(4 << 20), Sample.noise(64 << 10))]
    let reader = try await scratch.reader(try scratch.raw(size: size, parts))
    var seen: [Range<Int64>] = []
    var at: Int64 = 0
    for try await piece in encode(reader, as: RawEncoder(sizeBytes: size)).pieces {
      if case .bytes = piece { seen.append(at..<at + piece.count) }
      at += piece.count
    }
    #expect(at == size)
    let step: Int64 = 64 << 10
    let first = Int64(1 << 20) + step
    #expect(seen == [first..<first + step, Int64(4 << 20)..<Int64(4 << 20) + step])
  }

  /// With and without holes, on any number of connections, with digests of the image and of the disk.
  @Test func theSameDiskMakesTheSameBytes() async throws {
    let size: Int64 = (40 << 20) + 512
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let expected = try scratch.run("sha256sum", [disk]).prefix(64)
    let reader = try await scratch.reader(disk)
    let digester = ContentDigester(sizeBytes: size)
    try await reader.forEachChunk(digester: digester) { _ in }
    let image = encode(reader, as: RawEncoder(sizeBytes: size), digests: [.sha256], contentDigest: true)
    for _ in 0..<2 {
      for try await _ in image {}
      #expect(image.totals?.digests[.sha256] == String(expected))
      #expect(image.totals?.content == digester.text)
      for try await _ in image.pieces {}
      #expect(image.totals?.digests[.sha256] == String(expected))
    }
  }
}
