import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(
  .tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
  .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
struct MemoryTests {
  /// The program itself: in the test's own process, every other test counts too.
  @Test func memoryDoesNotGrowWithTheDisk() async throws {
    let simulator = try await Simulator()
    let scratch = try Scratch()
    var peaks: [Int] = []
    for size: Int64 in [64, 384] {
      let raw = scratch.file("disk\(size).raw")
      try Images.make(raw, size: size << 20, data: [(0, size)])
      let export = try Export(raw, in: scratch)
      peaks.append(try await peak(simulator, export, size << 20))
      try FileManager.default.removeItem(atPath: raw)
    }
    // KiB. The encoder may keep 64 MiB, whatever the disk's size.
    #expect(peaks[1] < 256 << 10, "\(peaks)")
    #expect(peaks[1] - peaks[0] < 128 << 10, "\(peaks)")
  }

  /// The most memory, in KiB, that a connector took to bring one disk there.
  private func peak(_ simulator: Simulator, _ export: Export, _ size: Int64) async throws -> Int {
    let program = try URL(filePath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appending(path: "vmware-connector").path
    let connection = String(decoding: try CanonicalJSON.encode(simulator.connection()), as: UTF8.self)
    let result = try await tool(
      Simulator.python,
      [Simulator.endpoints + "/peak_memory.py", program, connection, Simulator.password, export.uri, String(size)])
    #expect(result.code == 0, "\(result.error)")
    return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
