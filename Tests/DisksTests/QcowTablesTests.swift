import Foundation
import Support
import Testing

@testable import Disks

@Suite struct QcowTablesTests {
  @Test(arguments: [("512", 512), ("4k", 4096), ("64k", 65536), ("2M", 65536)])
  func tablesAreReadByTheCluster(_ cluster: String, _ expected: Int64) async throws {
    let images = try TestImages()
    let path = images.path("image.qcow2")
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-o", "cluster_size=\(cluster)", path, "64M")
    let layer = ImageLayer(path: path, format: .qcow2)
    #expect(QcowTables.entryBytes(of: layer) == expected)
    // qemu must agree that the image's tables can be read so.
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    #expect(chain.blockdevJSON().contains(#""l2-cache-entry-size":\#(expected)"#))
    #expect(try await Tool.run("qemu-img", ["map", "--output=json", chain.blockdevJSON()]).exitCode == 0)
  }

  @Test func aFileThatIsNoImageGetsNone() throws {
    let images = try TestImages()
    let path = images.path("rubbish")
    try Data(repeating: 0x51, count: 100).write(to: URL(fileURLWithPath: path))
    #expect(QcowTables.entryBytes(of: ImageLayer(path: path, format: .qcow2)) == nil)
    #expect(QcowTables.entryBytes(of: ImageLayer(path: path + ".missing", format: .qcow2)) == nil)
  }
}
