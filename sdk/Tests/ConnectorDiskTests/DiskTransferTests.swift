import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import ConnectorDisk

@Suite struct DiskTransferTests {
  /// A sink that takes everything and counts what it is asked for.
  private final class CountingSink: DiskSink {
    let flushes = Mutex(0)
    func write(_ chunk: DiskChunk) {}
    func flush() { flushes.withLock { $0 += 1 } }
  }

  /// A checkpoint makes the sink durable, which costs: a huge disk that is nearly empty must not pay for its emptiness.
  @Test func zerosThatArePassedOverMakeNoCheckpoints() async throws {
    let scratch = try Scratch()
    let image = scratch.file("sparse.qcow2")
    try scratch.run("qemu-img", "create", "-q", "-f", "qcow2", image, "64G")
    for gibibyte in 0..<8 {
      try scratch.run("qemu-io", "-f", "qcow2", "-c", "write -q -P 7 \(gibibyte * 8)G 1M", image)
    }
    let server = try NBDServer(image, format: "qcow2", socket: scratch.file("s"))
    let reader = try await DiskReader.open(server.uri)
    for (every, most) in [(64 << 20, 1), (2 << 20, 5)] {
      let sink = CountingSink()
      let checkpoints = Mutex<[Int64]>([])
      let totals = try await DiskTransfer(reader: reader, sink: sink, checkpointBytes: Int64(every)).run(
        checkpoint: { through in checkpoints.withLock { $0.append(through) } })
      #expect(totals.bytesRead == 8 << 20)
      #expect((1...most).contains(sink.flushes.withLock { $0 }))
      #expect(checkpoints.withLock { $0.last } == 64 << 30)
      #expect(checkpoints.withLock { $0 == $0.sorted() })
    }
    withExtendedLifetime(server) {}
  }
}
