import CFileRange
import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorDisk

@Suite struct WriteBehindTests {
  /// tmpfs has nowhere else to keep its files than the page cache.
  private static let hasDrive: Bool = {
    let kind = try? Scratch().run("stat", "--file-system", "--format=%T", NSTemporaryDirectory())
    return kind?.hasPrefix("tmpfs") == false
  }()

  @Test(.enabled(if: hasDrive, "the temporary files are in memory"))
  func whatWasWrittenDoesNotStayInThePageCache() throws {
    let scratch = try Scratch()
    let path = scratch.file("out.raw")
    let size: Int64 = 256 << 20
    let sink = try RawFileSink(path: path, sizeBytes: size)
    let bytes = [UInt8](repeating: 0xA5, count: 1 << 20)
    for offset in stride(from: Int64(0), to: size, by: bytes.count) {
      try bytes.withUnsafeBytes { try sink.write(DiskChunk(offset: offset, bytes: $0)) }
    }
    try sink.flush()
    let resident = try scratch.run("fincore", "--bytes", "--raw", "--noheadings", "--output", "RES", path)
    let count = try #require(Int(resident.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(count <= WriteBehind.windowBytes + (32 << 20))
  }
}
