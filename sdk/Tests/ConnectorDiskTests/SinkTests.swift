import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import ConnectorDisk

@Suite struct SinkTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func chunk(_ byte: UInt8, _ count: Int, at offset: Int64, _ body: (DiskChunk) throws -> Void) rethrows {
    try [UInt8](repeating: byte, count: count).withUnsafeBytes { try body(DiskChunk(offset: offset, bytes: $0)) }
  }

  @Test(arguments: [1, 4], [64 << 10, 512 << 10, 3 << 20])
  func aRawFileHasTheSameContentAndIsSparse(_ connections: Int, _ chunkBytes: Int) async throws {
    let image = try scratch.image()
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri, connections: connections)
    let path = scratch.file("out.raw")
    let sink = try RawFileSink(path: path, sizeBytes: reader.sizeBytes)
    let progress = Mutex<[Int64]>([])
    let totals = try await DiskTransfer(reader: reader, sink: sink, chunkBytes: chunkBytes).run { now in
      progress.withLock { $0.append(now.done) }
    }
    #expect(try scratch.sameContent(image, "qcow2", path, "raw"))
    #expect(progress.withLock { $0.max() } == reader.sizeBytes)
    var facts = stat()
    #expect(stat(path, &facts) == 0)
    #expect(Int64(facts.st_blocks) * 512 <= totals.bytesRead + (1 << 20))
    withExtendedLifetime(server) {}
  }

  /// Stops in the middle, leaves rubbish behind the checkpoint, goes on from it: the content is right.
  @Test func aTransferIsTakenUpAgain() async throws {
    let image = try scratch.image()
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let path = scratch.file("out.raw")
    let checkpoint = Mutex<Int64>(0)
    let sink = try RawFileSink(path: path, sizeBytes: reader.sizeBytes)
    let transfer = DiskTransfer(reader: reader, sink: sink, chunkBytes: 256 << 10, checkpointBytes: 1 << 20)
    await #expect(throws: ToolFailure.self) {
      // Not before there is a checkpoint to go on from: those who read the beginning may be slower.
      try await transfer.run(
        checkpoint: { through in checkpoint.withLock { $0 = through } }, failing: 45 << 20,
        once: { checkpoint.withLock { $0 } > 1 << 20 })
    }
    let through = checkpoint.withLock { $0 }
    #expect(through > 1 << 20 && through <= 45 << 20)
    try chunk(0xEE, 4096, at: 200 << 20) { try sink.write($0) }
    let again = try RawFileSink(path: path, sizeBytes: reader.sizeBytes, resumingFrom: through)
    let totals = try await DiskTransfer(reader: reader, sink: again).run(from: through)
    #expect(try scratch.sameContent(image, "qcow2", path, "raw"))
    #expect(totals.bytesRead + totals.bytesSkipped == reader.sizeBytes - through)
    withExtendedLifetime(server) {}
  }

  @Test func anNBDServerIsWrittenTo() async throws {
    let image = try scratch.image()
    let target = scratch.file("out.qcow2")
    try scratch.run("qemu-img", "create", "-q", "-f", "qcow2", target, "256M")
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let writable = try NBDServer(target, format: "qcow2", readOnly: false, socket: scratch.file("t"))
    let reader = try await DiskReader.open(server.uri)
    let fresh = try NBDSink(uri: writable.uri)
    try chunk(0xEE, 65536, at: 200 << 20) { try fresh.write($0) }
    // Everything behind byte 0 is cleared first: the rubbish is gone.
    let sink = try NBDSink(uri: writable.uri, resumingFrom: 0)
    _ = try await DiskTransfer(reader: reader, sink: sink).run()
    writable.stop()
    #expect(try scratch.sameContent(image, "qcow2", target, "qcow2"))
    withExtendedLifetime(server) {}
  }

  @Test func aReadOnlyServerIsNoTarget() throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let error = #expect(throws: ConnectorError.self) { try NBDSink(uri: server.uri) }
    #expect(error?.reason == .platformUnavailable)
  }

  @Test func aLargerFileIsNotTouched() throws {
    let path = scratch.file("there.raw")
    try Data(repeating: 7, count: 100).write(to: URL(filePath: path))
    let error = #expect(throws: ConnectorError.self) { try RawFileSink(path: path, sizeBytes: 99) }
    #expect(error?.reason == .existsIncompatible)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data(repeating: 7, count: 100))
  }

  @Test func aFileShorterThanItsCheckpointIsStale() throws {
    let path = scratch.file("there.raw")
    try Data(repeating: 7, count: 100).write(to: URL(filePath: path))
    let error = #expect(throws: ConnectorError.self) {
      try RawFileSink(path: path, sizeBytes: 1000, resumingFrom: 500)
    }
    #expect(error?.reason == .staleCheckpoint)
  }

  @Test func aLinkIsNotFollowed() throws {
    let path = scratch.file("link.raw")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scratch.file("elsewhere"))
    #expect(throws: ConnectorError.self) { try RawFileSink(path: path, sizeBytes: 10) }
    #expect(!FileManager.default.fileExists(atPath: scratch.file("elsewhere")))
  }

  /// `/dev/full` behaves as a disk without room.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func noRoomIsCapacityExhausted() throws {
    let sink = RawFileSink(path: "/dev/full", sizeBytes: 8192, descriptor: open("/dev/full", O_RDWR))
    let error = #expect(throws: ConnectorError.self) { try chunk(1, 4096, at: 0) { try sink.write($0) } }
    #expect(error?.reason == .capacityExhausted)
    #expect(error?.details["bytesNeeded"] == 4096)
    #expect(error?.message.contains("/dev/full") == true)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 4096, 65537])
  func zerosAreSeen(_ count: Int) {
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withUnsafeBytes { #expect(DiskChunk.isZero($0)) }
    for index in Set([0, count / 2, count - 1]) where bytes.indices.contains(index) {
      bytes[index] = 1
      bytes.withUnsafeBytes { #expect(!DiskChunk.isZero($0)) }
      bytes[index] = 0
    }
  }
}

extension DiskTransfer {
  /// `run` with a sink that fails for chunks beyond an offset.
  fileprivate func run(
    checkpoint: @escaping @Sendable (Int64) -> Void, failing offset: Int64, once: @escaping @Sendable () -> Bool
  ) async throws {
    var transfer = self
    transfer.sink = FailingSink(sink: sink, offset: offset, once: once)
    _ = try await transfer.run(checkpoint: checkpoint)
  }
}

private struct FailingSink: DiskSink {
  var sink: any DiskSink
  var offset: Int64
  var once: @Sendable () -> Bool

  func write(_ chunk: DiskChunk) throws {
    guard chunk.offset >= offset else { return try sink.write(chunk) }
    for _ in 0..<3000 where !once() { usleep(10_000) }
    throw ToolFailure(tool: "sink", status: 1)
  }

  func flush() throws { try sink.flush() }
}
