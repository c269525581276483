import Foundation
import Support
import Testing

@testable import Disks

@Suite struct AllocationMapTests {
  @Test func countsDataAndNotZeros() async throws {
    let images = try TestImages()
    let base = images.path("base.qcow2")
    try await images.qemuImg("create", "-q", "-f", "qcow2", base, "1G")
    _ = try await Tool.output(
      "qemu-io", ["-f", "qcow2", "-c", "write 0 1M", "-c", "write 100M 1M", "-c", "write -z 200M 1M", base])
    let layers = [ImageLayer(path: base, format: .qcow2), ImageLayer(path: images.path("top"), format: .qcow2)]
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", images.path("top"))
    _ = try await Tool.output(
      "qemu-io", ["-f", "qcow2", "-c", "write -z 100M 1M", "-c", "write 500M 64k", images.path("top")])
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    // The base's first mebibyte and the top's 64 KiB: the zeros of the top hide the base's second mebibyte.
    let expected: Int64 = 1_048_576 + 65_536
    #expect(chain.allocatedBytes == expected)
  }

  @Test func neverTakesLongerThanItMay() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    let error = try await ascendError { _ = try await AllocationMap.allocatedBytes(of: chain, within: 0) }
    #expect(error.code == "tool.timeout")
  }

  @Test func theSumDoesNotDependOnHowTheTextArrives() {
    let text = """
      [{ "start": 0, "length": 4096, "depth": 0, "present": true, "zero": false, "data": true, "offset": 0},
      { "start": 4096, "length": 8192, "depth": 0, "present": true, "zero": true, "data": false, "offset": 4096},
      { "data":true,"length":10,"start": 1, "zero":false },
      { "start": 12288, "length": 512, "depth": 1, "present": true, "zero": false, "data": true}]

      """
    let bytes = Array(text.utf8)
    for size in [1, 2, 3, 7, 50, 1000] {
      var sum = MapSum()
      for start in stride(from: 0, to: bytes.count, by: size) {
        sum.take(Array(bytes[start..<min(bytes.count, start + size)]))
      }
      #expect(sum.bytes == 4096 + 10 + 512)
      #expect(!sum.failed)
    }
  }

  @Test func nonsenseIsNoticed() {
    for text in ["{ nonsense }\n", "{ \"length\": 1}\n", String(repeating: "x", count: 5000) + "\n"] {
      var sum = MapSum()
      sum.take(Array(text.utf8))
      #expect(sum.failed)
    }
  }

  @Test func freeSpaceOfAPlaceThatDoesNotExistYet() throws {
    let images = try TestImages()
    let here = try DiskSpace.free(at: images.folder)
    #expect(here > 0)
    #expect(abs(try DiskSpace.free(at: images.path("not/yet/there")) - here) < 1 << 30)
  }
}
