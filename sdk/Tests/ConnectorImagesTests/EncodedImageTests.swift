import ConnectorDisk
import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorImages

/// What holds for every encoder.
@Suite(.serialized) struct EncodedImageTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static let encoders: [any ImageEncoder] = [
    RawEncoder(sizeBytes: 512 << 20), FixedVHDEncoder(sizeBytes: 512 << 20),
    DynamicVHDXEncoder(sizeBytes: 512 << 20), StreamOptimizedEncoder(sizeBytes: 512 << 20),
  ]

  private func noisy() throws -> String {
    let noise = Sample.noise(4 << 20)
    return try scratch.raw(size: 512 << 20, (0..<64).map { (Int64($0) * (8 << 20), noise) })
  }

  private static func pieces(_ reader: DiskReader, _ encoder: some ImageEncoder) -> () async throws -> ImagePiece? {
    var iterator = encode(reader, as: encoder).pieces.makeAsyncIterator()
    return { try await iterator.next() }
  }

  @Test func aSlowConsumerHoldsTheReading() async throws {
    let reader = try await scratch.reader(try noisy())
    for encoder in Self.encoders {
      let before = try scratch.bytesServed()
      let next = Self.pieces(reader, encoder)
      var taken: Int64 = 0
      for _ in 0..<8 {
        taken += try #require(try await next()).count
        try await Task.sleep(for: .milliseconds(60))
      }
      // What is ready beyond what was asked for is held, and nothing more is read: of 256 MiB that could be.
      #expect(try scratch.bytesServed() - before < 128 << 20)
      #expect(taken < 40 << 20)
    }
  }

  @Test func aCancelledTaskEndsWithinASecond() async throws {
    let reader = try await scratch.reader(try noisy())
    for index in Self.encoders.indices {
      var quickest = Duration.seconds(60)
      // The best of a few: this computer may be busy with something else in that moment.
      for _ in 0..<5 where quickest >= .seconds(1) {
        let (taken, take) = AsyncStream<Void>.makeStream()
        let task = Task {
          let next = Self.pieces(reader, Self.encoders[index])
          while try await next() != nil {
            take.yield()
            try await Task.sleep(for: .milliseconds(50))
          }
        }
        for await _ in taken { break }
        let instant = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        quickest = min(quickest, ContinuousClock.now - instant)
      }
      #expect(quickest < .seconds(1))
    }
  }
}
