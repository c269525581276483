import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import ConnectorDisk

@Suite struct DiskReaderTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func extentsCoverTheDisk() async throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    #expect(reader.sizeBytes == 256 << 20)
    #expect(reader.connectionCount == 4)
    let extents = try await reader.extents(from: 0)
    #expect(extents.first?.offset == 0)
    #expect(extents.last?.end == reader.sizeBytes)
    for (one, next) in zip(extents, extents.dropFirst()) { #expect(one.end == next.offset) }
    let zeroed = extents.first { $0.offset <= 44 << 20 && $0.end > 44 << 20 }
    #expect(zeroed?.allocated == false)
    withExtendedLifetime(server) {}
  }

  @Test func onlyDataIsReadAndOnce() async throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let seen = Mutex<[Range<Int64>]>([])
    let zeros = Mutex<[Range<Int64>]>([])
    let totals = try await reader.forEachChunk(
      chunkBytes: 1 << 20, zeros: { range in zeros.withLock { $0.append(range) } },
      { chunk in seen.withLock { $0.append(chunk.offset..<chunk.end) } })
    let all = (seen.withLock { $0 } + zeros.withLock { $0 }).sorted { $0.lowerBound < $1.lowerBound }
    #expect(all.first?.lowerBound == 0)
    #expect(all.last?.upperBound == reader.sizeBytes)
    for (one, next) in zip(all, all.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
    #expect(totals.bytesRead + totals.bytesSkipped == reader.sizeBytes)
    #expect(totals.bytesRead < 16 << 20)
    withExtendedLifetime(server) {}
  }

  /// 64 TiB with a little data at its end: neither time nor memory follows the size.
  @Test func aHugeDisk() async throws {
    let image = scratch.file("huge.qcow2")
    try scratch.run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", image, "64T")
    try scratch.run("qemu-io", "-f", "qcow2", "-c", "write -P 9 68719474688k 2M", image)
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let start = Date()
    let totals = try await reader.forEachChunk { chunk in #expect(chunk.bytes.first == 9) }
    #expect(totals.bytesRead == 2 << 20)
    #expect(Date().timeIntervalSince(start) < 60)
    withExtendedLifetime(server) {}
  }

  @Test func whatTheBodyThrowsEndsTheTransfer() async throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    await #expect(throws: ToolFailure.self) {
      try await reader.forEachChunk(chunkBytes: 64 << 10) { _ in throw ToolFailure(tool: "body", status: 1) }
    }
    // The reader works on.
    #expect(try await reader.forEachChunk { _ in }.bytesRead > 0)
    withExtendedLifetime(server) {}
  }

  @Test func cancellingEndsTheTransfer() async throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let task = Task {
      try await reader.forEachChunk(chunkBytes: 64 << 10) { _ in try await Task.sleep(for: .seconds(60)) }
    }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    withExtendedLifetime(server) {}
  }

  @Test func aLostConnectionIsMadeAnewOnce() async throws {
    let image = try scratch.image()
    let socket = scratch.file("s")
    let server = try NBDServer(image, format: "qcow2", socket: socket)
    let reader = try await DiskReader.open(server.uri)
    let replaced = Mutex<NBDServer?>(nil)
    let expected = try await reader.forEachChunk { _ in }.bytesRead
    let totals = try await reader.forEachChunk(chunkBytes: 64 << 10) { [scratchServer = Handle(server)] _ in
      try replaced.withLock { replaced in
        guard replaced == nil else { return }
        scratchServer.value.stop()
        try? FileManager.default.removeItem(atPath: socket)
        replaced = try NBDServer(image, format: "qcow2", socket: socket)
      }
    }
    #expect(totals.bytesRead == expected)
    withExtendedLifetime(replaced) {}
  }

  @Test func aServerThatIsGoneIsSourceUnavailable() async throws {
    let socket = scratch.file("s")
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: socket)
    let reader = try await DiskReader.open(server.uri)
    server.stop()
    try FileManager.default.removeItem(atPath: socket)
    var error = await #expect(throws: ConnectorError.self) { try await reader.forEachChunk { _ in } }
    #expect(error?.reason == .sourceUnavailable)
    error = await #expect(throws: ConnectorError.self) { try await DiskReader.open(server.uri) }
    #expect(error?.reason == .sourceUnavailable)
  }
}

/// `@unchecked Sendable`: used under a lock.
private final class Handle: @unchecked Sendable {
  let value: NBDServer
  init(_ value: NBDServer) { self.value = value }
}
