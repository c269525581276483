import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorConformance

@Suite struct SourceTests {
  struct Vectors: Decodable {
    struct Vector: Decodable {
      struct Write: Decodable { var offset, count, start, step: Int }
      var name: String
      var sizeBytes: Int
      var writes: [Write]
      var digest: String
    }
    var zeroLeaf: String
    var vectors: [Vector]
  }

  @Test func contentDigestAgreesWithTheVectors() throws {
    let file = Fixture.root.appendingPathComponent("protocol/v1/digest-vectors.json")
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    #expect(SHA256.hex(ContentDigest.zeroLeaf) == vectors.zeroLeaf)
    for vector in vectors.vectors {
      var bytes = [UInt8](repeating: 0, count: vector.sizeBytes)
      for write in vector.writes {
        for index in 0..<write.count {
          bytes[write.offset + index] = UInt8(truncatingIfNeeded: write.start + index * write.step)
        }
      }
      var digest = ContentDigest()
      for start in stride(from: 0, to: bytes.count, by: ContentDigest.blockBytes) {
        let block = Array(bytes[start..<min(start + ContentDigest.blockBytes, bytes.count)])
        digest.add(block.allSatisfy { $0 == 0 } ? nil : block)
      }
      #expect(digest.text(sizeBytes: Int64(vector.sizeBytes)) == vector.digest, "\(vector.name)")
    }
  }

  /// qemu-img is a client that shares nothing with the server here: structured replies, block status, many requests.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-img")))
  func foreignClientReadsTheDisk() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/nbd-\(TimeOrderedUUID.make().suffix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = TestDisk(sizeBytes: (7 << 20) + 512, seed: 3)
    let server = try NBDServer(disk, at: folder + "/d.sock")
    defer { server.stop() }
    try run("convert", "-f", "raw", "-O", "raw", server.uri, folder + "/out.raw")
    try disk.write(to: folder + "/expected.raw")
    #expect(
      FileManager.default.contentsEqual(atPath: folder + "/out.raw", andPath: folder + "/expected.raw"))
    #expect(server.bytesServed < disk.sizeBytes, "zeros were read although block status was offered")
  }

  private func run(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/qemu-img")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
