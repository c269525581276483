import ConnectorTesting
import Foundation
import Testing

@testable import ConnectorProtocol

@Suite struct ContentDigestTests {
  struct Vectors: Decodable {
    struct Vector: Decodable {
      struct Write: Decodable { var offset, count, start, step: Int }
      var name: String
      var sizeBytes: Int
      var writes: [Write]
      var digest: String

      var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: sizeBytes)
        for write in writes {
          for index in 0..<write.count {
            bytes[write.offset + index] = UInt8(truncatingIfNeeded: write.start + index * write.step)
          }
        }
        return bytes
      }
    }
    var zeroLeaf: String
    var vectors: [Vector]

    static func read() throws -> Vectors {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let file = root.appendingPathComponent("protocol/v1/digest-vectors.json")
      return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }
  }

  /// - Parameter elide: Whether blocks of zeros are added as such, or hashed like all others.
  private func digest(_ bytes: [UInt8], elide: Bool) -> ContentDigest {
    var digest = ContentDigest()
    for start in stride(from: 0, to: bytes.count, by: ContentDigest.blockBytes) {
      let block = bytes[start..<min(start + ContentDigest.blockBytes, bytes.count)]
      if elide, block.allSatisfy({ $0 == 0 }) {
        digest.addZeros(blocks: 1)
      } else {
        digest.add(leaf: block.withUnsafeBytes { ContentDigest.leaf(of: $0) })
      }
    }
    return digest
  }

  @Test(arguments: [true, false]) func agreesWithTheVectors(elide: Bool) throws {
    let vectors = try Vectors.read()
    #expect(SHA256.hex(ContentDigest.zeroLeaf) == vectors.zeroLeaf)
    for vector in vectors.vectors {
      let text = digest(vector.bytes, elide: elide).text(sizeBytes: Int64(vector.sizeBytes))
      #expect(text == vector.digest, "\(vector.name)")
      #expect(ContentDigest.isWellFormed(vector.digest))
    }
  }

  /// The vectors' own program, which knows nothing of this code, on disks that are not among the vectors.
  @Test func agreesWithAnIndependentProgram() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("protocol/digest-vectors").path
    let script = """
      import contextlib, io, runpy, sys
      with contextlib.redirect_stdout(io.StringIO()):
          program = runpy.run_path(sys.argv[1])
      BLOCK = 512 << 10
      for blocks in range(1, 12):
          for tail in (0, 512):
              data = bytearray(blocks * BLOCK + tail)
              for block in range(0, blocks, 3):
                  data[block * BLOCK + 7] = block + 1
              print(len(data), program["content_digest"](bytes(data)))
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", script, file]
    process.standardOutput = output
    try process.run()
    let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(
      separator: "\n")
    process.waitForEnd()
    #expect(lines.count == 22)
    for line in lines {
      let parts = line.split(separator: " ")
      let size = try #require(parts.first.flatMap { Int($0) })
      var bytes = [UInt8](repeating: 0, count: size)
      for block in stride(from: 0, to: size / ContentDigest.blockBytes, by: 3) {
        bytes[block * ContentDigest.blockBytes + 7] = UInt8(block + 1)
      }
      #expect(digest(bytes, elide: true).text(sizeBytes: Int64(size)) == String(parts[1]), "\(size) bytes")
    }
  }

  @Test func aRunOfZerosIsTheSameHoweverItIsAdded() {
    for first in 0...9 {
      for run in 0...20 {
        var one = ContentDigest()
        var other = ContentDigest()
        for block in 0..<first {
          let leaf = SHA256.hash(Data([UInt8(block)]))
          one.add(leaf: leaf)
          other.add(leaf: leaf)
        }
        one.addZeros(blocks: Int64(run))
        for _ in 0..<run { other.add(leaf: ContentDigest.zeroLeaf) }
        #expect(one == other, "\(run) after \(first)")
      }
    }
  }

  /// 64 TiB of zeros take as many steps as their number of blocks has bits.
  @Test func aHugeEmptyDiskTakesNoTime() {
    let size: Int64 = 64 << 40
    let start = ContinuousClock.now
    var text = ""
    for _ in 0..<100 {
      var digest = ContentDigest()
      digest.addZeros(blocks: ContentDigest.blocks(of: size))
      text = digest.text(sizeBytes: size) ?? ""
    }
    #expect(ContentDigest.isWellFormed(text))
    // A hundred of them: one takes well below a millisecond, hashing as many blocks would take hours.
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func theStateGoesOn() throws {
    var whole = ContentDigest()
    var state = ContentDigest().state
    for block in 0..<100 {
      var resumed = try #require(ContentDigest(state: state))
      #expect(resumed == whole)
      if block % 7 == 3 {
        whole.addZeros(blocks: 5)
        resumed.addZeros(blocks: 5)
      } else {
        let leaf = SHA256.hash(Data([UInt8(block)]))
        whole.add(leaf: leaf)
        resumed.add(leaf: leaf)
      }
      state = resumed.state
    }
    let size = whole.blocks * Int64(ContentDigest.blockBytes)
    #expect(try #require(ContentDigest(state: state)).text(sizeBytes: size) == whole.text(sizeBytes: size))
    #expect(state.utf8.count < 4200)
  }

  @Test(arguments: ["", ":", "1", "1:", "-1:", "0:00", "1:zz", "2:" + String(repeating: "A", count: 64), "x:"])
  func whatIsNoStateIsRefused(text: String) { #expect(ContentDigest(state: text) == nil) }

  @Test func aDigestOfHalfADiskIsNone() {
    var digest = ContentDigest()
    digest.addZeros(blocks: 2)
    #expect(digest.text(sizeBytes: 512 << 10) == nil)
    #expect(digest.text(sizeBytes: 1536 << 10) == nil)
    #expect(digest.text(sizeBytes: -1) == nil)
    #expect(digest.text(sizeBytes: (512 << 10) + 1) != nil)
  }

  @Test(arguments: ["", "ascend1:", "ascend1:00", "ascend2:" + String(repeating: "0", count: 64)])
  func whatIsNoDigest(text: String) { #expect(!ContentDigest.isWellFormed(text)) }
}
