import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import ConnectorDisk

@Suite struct DigestTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The digest of a raw file by the four sentences of the page, block by block.
  private func slow(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: path))
    var digest = ContentDigest()
    for start in stride(from: 0, to: data.count, by: ContentDigest.blockBytes) {
      let block = data[start..<min(start + ContentDigest.blockBytes, data.count)]
      digest.add(leaf: block.withUnsafeBytes { ContentDigest.leaf(of: $0) })
    }
    return try #require(digest.text(sizeBytes: Int64(data.count)))
  }

  /// Data in pieces smaller than a block, across blocks' edges, and a last block that is not whole.
  private func ragged() throws -> (image: String, digest: String) {
    let path = scratch.file("ragged.qcow2")
    try scratch.run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", path, "41945088")
    try scratch.run(
      "qemu-io", "-f", "qcow2", "-c", "write -P 1 0 4k", "-c", "write -P 2 12k 8k", "-c", "write -P 3 1020k 8k",
      "-c", "write -P 4 3M 2100k", "-c", "write -P 0 7M 1M", "-c", "write -P 5 9000k 5k", "-c", "write -P 6 40960k 1k",
      "-c", "write -P 7 20M 3M", path)
    let raw = scratch.file("ragged.raw")
    try scratch.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, raw)
    return (path, try slow(raw))
  }

  @Test(arguments: [1, 4], [4 << 10, 64 << 10, 512 << 10, 768 << 10, 1 << 20, 3 << 20])
  func theDigestIsThatOfTheContent(_ connections: Int, _ chunkBytes: Int) async throws {
    let (image, expected) = try ragged()
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri, connections: connections)
    let digester = ContentDigester(sizeBytes: reader.sizeBytes)
    let seen = Mutex<Int64>(0)
    let leaves = Mutex(0)
    let totals = try await reader.forEachChunk(chunkBytes: chunkBytes, digester: digester) { chunk in
      seen.withLock { $0 += Int64(chunk.count) }
      guard let leaf = chunk.leaf else { return }
      leaves.withLock { $0 += 1 }
      #expect(leaf == ContentDigest.leaf(of: chunk.bytes))
      #expect(chunk.offset % Int64(ContentDigest.blockBytes) == 0)
    }
    #expect(digester.text == expected)
    // The disk's last bytes are a block by themselves, whatever the chunks.
    if chunkBytes < ContentDigest.blockBytes { #expect(leaves.withLock { $0 } == 1) }
    if chunkBytes == ContentDigest.blockBytes { #expect(leaves.withLock { $0 } > 3) }
    #expect(seen.withLock { $0 } == totals.bytesRead)
    #expect(totals.bytesRead + totals.bytesSkipped == reader.sizeBytes)
    withExtendedLifetime(server) {}
  }

  /// 64 TiB with a little data at its end: neither time nor memory follows the size.
  @Test func aHugeDisk() async throws {
    let image = scratch.file("huge.qcow2")
    try scratch.run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", image, "64T")
    try scratch.run("qemu-io", "-f", "qcow2", "-c", "write -P 9 68719474688k 2M", image)
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let digester = ContentDigester(sizeBytes: reader.sizeBytes)
    try await reader.forEachChunk(digester: digester) { _ in }
    var expected = ContentDigest()
    expected.addZeros(blocks: ContentDigest.blocks(of: 64 << 40) - 4)
    let nines = [UInt8](repeating: 9, count: ContentDigest.blockBytes)
    for _ in 0..<4 { expected.add(leaf: nines.withUnsafeBytes { ContentDigest.leaf(of: $0) }) }
    #expect(digester.text == expected.text(sizeBytes: 64 << 40))
    withExtendedLifetime(server) {}
  }

  /// Ends in the middle and goes on from the checkpoint's token, in what could be another process.
  @Test(arguments: [4, 22]) func theDigestGoesOnFromACheckpoint(failingAt mebibytes: Int64) async throws {
    let (image, expected) = try ragged()
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri, connections: 1)
    let path = scratch.file("out.raw")
    let newest = Mutex<TransferCheckpoint?>(nil)
    let transfer = DiskTransfer(
      reader: reader, sink: Failing(try RawFileSink(path: path, sizeBytes: reader.sizeBytes), at: mebibytes << 20),
      chunkBytes: 256 << 10, checkpointBytes: 1 << 20, digester: ContentDigester(sizeBytes: reader.sizeBytes))
    await #expect(throws: ToolFailure.self) {
      try await transfer.run(saving: { point in
        newest.withLock {
          $0 = TransferCheckpoint(generation: "g 1", through: point.through, digest: point.digest?.state)
        }
      })
    }
    let token = try #require(newest.withLock { $0?.token })
    let request = DiskReceive(
      op: .init(id: OperationID("o"), attempt: 1, digest: ""), job: JobID("j"),
      plan: .init(id: "p", digest: "", state: .null), index: 0, target: .null,
      source: .init(kind: "nbd", location: "", format: "raw", sizeBytes: reader.sizeBytes, generation: "g 1"),
      checkpoint: token)
    let checkpoint = try #require(try TransferCheckpoint.read(request))
    #expect(checkpoint.through > 0 && checkpoint.through <= mebibytes << 20)
    #expect(checkpoint.through % Int64(ContentDigest.blockBytes) == 0)
    let digester = try #require(checkpoint.digester(sizeBytes: reader.sizeBytes))
    let sink = try RawFileSink(path: path, sizeBytes: reader.sizeBytes, resumingFrom: checkpoint.through)
    _ = try await DiskTransfer(reader: reader, sink: sink, digester: digester).run(from: checkpoint.through)
    #expect(digester.text == expected)
    #expect(try scratch.sameContent(image, "qcow2", path, "raw"))
    withExtendedLifetime(server) {}
  }

  @Test func aLimitIsKeptUntilItIsLifted() async throws {
    let image = try scratch.image()
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let limits = TransferLimits()
    // About 11 MiB at half a MiB a second; after two seconds nothing limits them any more.
    limits.set(LimitsNotification(bytesPerSecond: 1 << 19, connections: 1))
    let seen = Mutex<Int64>(0)
    let start = ContinuousClock.now
    let digester = ContentDigester(sizeBytes: reader.sizeBytes)
    let transfer = Task {
      try await TransferLimits.$current.withValue(limits) {
        try await reader.forEachChunk(digester: digester) { chunk in seen.withLock { $0 += Int64(chunk.count) } }
      }
    }
    try await Task.sleep(for: .seconds(2))
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    #expect(seen.withLock { $0 } <= Int64((elapsed + 1) * 524_288) + (1 << 20))
    limits.set(LimitsNotification())
    _ = try await transfer.value
    #expect(digester.text != nil)
    #expect(ContinuousClock.now - start < .seconds(18))
    withExtendedLifetime(server) {}
  }

  @Test func whatWaitsForALimitIsCancelled() async throws {
    let server = try NBDServer(try scratch.image(), format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    let limits = TransferLimits()
    limits.set(LimitsNotification(bytesPerSecond: 1))
    let task = Task {
      try await TransferLimits.$current.withValue(limits) { try await reader.forEachChunk { _ in } }
    }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    withExtendedLifetime(server) {}
  }
}

/// A sink that fails at an offset.
private struct Failing: DiskSink {
  let sink: RawFileSink
  let offset: Int64

  init(_ sink: RawFileSink, at offset: Int64) {
    self.sink = sink
    self.offset = offset
  }

  func write(_ chunk: DiskChunk) throws {
    guard chunk.end <= offset else { throw ToolFailure(tool: "sink", status: 1) }
    try sink.write(chunk)
  }

  func flush() throws { try sink.flush() }
}
