import ConnectorDisk
import ConnectorProtocol
import ConnectorServing
import Foundation
import Testing

/// What the tools of two other implementations of NBD, libnbd and QEMU, read from the server.
@Suite struct DiskServerTests {
  private static let mebibyte: Int64 = 1 << 20

  /// 300 MiB and a sector: runs of several lengths, a lonely block, the last one stored in part.
  private static func disk() -> PatternDisk {
    PatternDisk(
      sizeBytes: 300 * mebibyte + 512, stored: Set([0, 1, 2, 9, 100, 101, 599, 600]).union(200..<260))
  }

  @Test func otherReadersSeeTheDisk() async throws {
    let served = try ServedFixture(Self.disk())
    let file = served.file("same.raw")
    try served.source.write(to: file)
    let compared = try await run("qemu-img", "compare", "-f", "raw", "-F", "raw", served.uri, file)
    #expect(compared.text.contains("Images are identical"), "\(compared.text)")
    let copied = served.file("copied.raw")
    let copy = try await run("nbdcopy", served.uri, copied)
    #expect(copy.code == 0, "\(copy.text)")
    let same = try await run("cmp", file, copied)
    #expect(same.code == 0, "\(same.text)")
    #expect(served.told.isEmpty)
  }

  @Test func tellsWhatItIs() async throws {
    let served = try ServedFixture(Self.disk())
    let info = try await run("nbdinfo", "--json", served.uri)
    let export = try #require(
      JSONDecoder().decode(JSONValue.self, from: Data(info.text.utf8))["exports"]?.arrayValue?.first)
    #expect(export["export-size"]?.integerValue == served.source.sizeBytes)
    #expect(export["is_read_only"]?.boolValue == true)
    #expect(export["can_multi_conn"]?.boolValue == true)
    #expect(export["contexts"]?.arrayValue == ["base:allocation"])
    #expect(export["block_size_maximum"]?.integerValue == 32 << 20)
    let list = try await run("nbdinfo", "--list", "--json", served.uri)
    #expect(list.text.contains(#""export-name": "disk""#), "\(list.text)")
    let unknown = try await run("nbdinfo", "nbd+unix:///other?socket=\(served.server.path)")
    #expect(unknown.code != 0)
    let named = try await run("nbdinfo", "--size", "nbd+unix:///disk?socket=\(served.server.path)")
    #expect(named.text.contains("\(served.source.sizeBytes)"))
    let status = try FileManager.default.attributesOfItem(atPath: served.server.path)
    #expect(status[.posixPermissions] as? Int == 0o600)
  }

  @Test func theMapIsThatOfTheBlocksAndFetchesNone() async throws {
    let served = try ServedFixture(Self.disk())
    struct Extent: Decodable {
      var start: Int64
      var length: Int64
      var zero: Bool
    }
    let text = try await run("qemu-img", "map", "--output=json", "-f", "raw", served.uri)
    let extents = try JSONDecoder().decode([Extent].self, from: Data(text.text.utf8))
    var blocks: Set<Int64> = []
    for extent in extents where !extent.zero {
      #expect(extent.start % (512 << 10) == 0)
      for index in extent.start / (512 << 10)..<(extent.start + extent.length + (512 << 10) - 1) / (512 << 10) {
        blocks.insert(index)
      }
    }
    #expect(blocks == served.source.stored)
    let map = try await run("nbdinfo", "--map=base:allocation", "--totals", served.uri)
    #expect(map.text.contains("hole,zero"), "\(map.text)")
    #expect(served.source.fetched.isEmpty)
  }

  @Test func eachStoredBlockIsFetchedOnceAndNoOther() async throws {
    let served = try ServedFixture(Self.disk())
    served.source.slowDown(.milliseconds(3))
    let reader = try await DiskReader.open(served.uri, connections: 4)
    let totals = try await reader.forEachChunk { chunk in #expect(!chunk.isZero) }
    #expect(served.source.fetched == Dictionary(uniqueKeysWithValues: served.source.stored.map { ($0, 1) }))
    #expect(totals.bytesRead == 67 * (512 << 10) + (Self.disk().sizeBytes % (512 << 10)))
    #expect(served.source.mostUnderway > 1)
    #expect(served.source.mostUnderway <= BlockDisk.Options().fetchesAtOnce)
  }

  /// A client of 2011, and one that asks for nothing but the export: without structured replies.
  @Test func simpleRepliesHoldTheSameBytes() async throws {
    let served = try ServedFixture(Self.disk())
    try await onThread {
      let client = try RawClient(served.server.path)
      #expect(client.exportByName("") == served.source.sizeBytes)
      // Over the end of what is stored, into zeros, and over a piece's border.
      let bytes = try #require(client.simpleRead(at: 100, count: 3 << 20))
      var expected = served.source.content(0) + served.source.content(1) + served.source.content(2)
      expected.append(Data(count: (3 << 20) + 100 - expected.count))
      #expect(Data(bytes) == expected.dropFirst(100).prefix(3 << 20))
      #expect(client.simpleRead(at: served.source.sizeBytes - 1, count: 2) == nil)
      #expect(client.simpleRead(at: served.source.sizeBytes - 1, count: 1)?.count == 1)
    }
  }

  @Test func aBlockThatCannotBeReadIsAnErrorAndReadAgainLater() async throws {
    let served = try ServedFixture(Self.disk())
    served.source.breakBlocks([9])
    let failed = try await run("nbdcopy", served.uri, "null:")
    #expect(failed.code != 0)
    #expect(served.told.contains("Block 9 may not be read."))
    served.source.breakBlocks([])
    let good = try await run("nbdcopy", served.uri, "null:")
    #expect(good.code == 0, "\(good.text)")
  }

  @Test func nothingCanBeWritten() async throws {
    let served = try ServedFixture(Self.disk())
    try await onThread {
      let client = try RawClient(served.server.path)
      #expect(client.exportByName("disk") != nil)
      #expect(client.write(at: 0, count: 4096) == 1)
      // The conversation goes on behind the data that nobody wanted.
      #expect(client.simpleRead(at: 0, count: 16).map { Data($0) } == served.source.content(0).prefix(16))
    }
  }

  @Test func whatIsNoNBDEndsThatConnectionOnly() async throws {
    let served = try ServedFixture(Self.disk())
    for noise in [
      "GET / HTTP/1.1\r\n\r\n", String(repeating: "\0", count: 64), "\u{0}\u{0}\u{0}\u{3}nonsense, nonsense",
    ] {
      let client = try RawClient(served.server.path)
      client.send(Data(noise.utf8))
      #expect(client.isHungUp(), "\(noise.debugDescription)")
    }
    // An option that says it is 4 GiB long.
    let long = try RawClient(served.server.path)
    long.send(Data([0, 0, 0, 3]) + Data("IHAVEOPT".utf8) + Data([0, 0, 0, 7, 255, 255, 255, 255]))
    #expect(long.isHungUp())
    let info = try await run("nbdinfo", "--size", served.uri)
    #expect(info.code == 0, "\(info.text)")
  }

  @Test func stoppingDropsWhoIsConnectedAndWhoComes() async throws {
    let served = try ServedFixture(Self.disk())
    let client = try RawClient(served.server.path)
    #expect(client.exportByName("") != nil)
    served.server.stop()
    #expect(client.isHungUp())
    #expect(!FileManager.default.fileExists(atPath: served.server.path))
    #expect(throws: (any Error).self) { try RawClient(served.server.path) }
    served.server.stop()
  }

  @Test func aSocketLeftOverIsReplacedAndNothingElse() throws {
    let served = try ServedFixture(Self.disk())
    let file = served.file("taken")
    try Data("x".utf8).write(to: URL(filePath: file))
    #expect(throws: ConnectorError.self) { try DiskServer(served.disk, at: file) { _ in } }
    #expect(throws: ConnectorError.self) { try DiskServer(served.disk, at: "relative.sock") { _ in } }
    #expect(throws: ConnectorError.self) {
      try DiskServer(served.disk, at: "/tmp/" + String(repeating: "x", count: 120)) { _ in }
    }
    let again = try DiskServer(served.disk, at: served.server.path) { _ in }
    again.stop()
  }
}
