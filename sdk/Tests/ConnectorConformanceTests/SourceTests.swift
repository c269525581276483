import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import ConnectorConformance

@Suite struct SourceTests {
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
    #expect(process.waitForEnd() == 0)
  }
}
