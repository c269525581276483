import ConnectorProtocol
import ConnectorServing
import Foundation
import Testing

@Suite struct BlockDiskTests {
  private static let block = 4096

  private func disk(_ stored: Set<Int64>, blocks: Int64 = 1000) -> PatternDisk {
    PatternDisk(sizeBytes: blocks * Int64(Self.block), blockBytes: Self.block, stored: stored)
  }

  @Test func readersAtTheSameTimeShareOneFetch() async throws {
    let source = disk([5])
    source.slowDown(.milliseconds(50))
    let served = BlockDisk(source)
    try await withThrowingTaskGroup(of: Data.self) { group in
      for place in 0..<40 {
        group.addTask { try await served.read(at: 5 * 4096 + Int64(place), count: 16) }
      }
      for try await data in group { #expect(data.count == 16) }
    }
    #expect(source.fetched == [5: 1])
  }

  @Test func readsOverBlocksThatAreStoredAndOthers() async throws {
    let source = disk([0, 2])
    let served = BlockDisk(source)
    let data = try await served.read(at: 4000, count: 2 * 4096)
    let all = source.content(0) + Data(count: 4096) + source.content(2)
    #expect(data == all.dropFirst(4000).prefix(2 * 4096))
  }

  @Test func memoryHoldsWhatItMayAndWhatWasUsedLast() async throws {
    let source = disk(Set(0..<200))
    let served = BlockDisk(source, options: .init(cacheBytes: 8 * Self.block, fetchesAtOnce: 1, readAhead: 0))
    for index in Int64(0)..<8 { _ = try await served.read(at: index * 4096, count: 4096) }
    // The first is used again, so that the second is the oldest.
    _ = try await served.read(at: 0, count: 16)
    _ = try await served.read(at: 8 * 4096, count: 16)
    _ = try await served.read(at: 0, count: 16)
    #expect(source.fetched[0] == 1)
    _ = try await served.read(at: 4096, count: 16)
    #expect(source.fetched[1] == 2)
  }

  @Test func readsAheadInOrderAndNotElsewhere() async throws {
    let source = disk(Set(0..<200))
    let served = BlockDisk(source, options: .init(readAhead: 4))
    _ = try await served.read(at: 50 * 4096, count: 16)
    _ = try await served.read(at: 90 * 4096, count: 16)
    try await Task.sleep(for: .milliseconds(50))
    #expect(Set(source.fetched.keys) == [50, 90])
    _ = try await served.read(at: 91 * 4096, count: 16)
    for _ in 0..<200 where source.fetched.count < 7 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(Set(source.fetched.keys) == [50, 90, 91, 92, 93, 94, 95])
  }

  @Test func whatFailedIsTriedAgain() async throws {
    let source = disk([3])
    let served = BlockDisk(source)
    source.breakBlocks([3])
    await #expect(throws: ConnectorError.self) { try await served.read(at: 3 * 4096, count: 16) }
    source.breakBlocks([])
    #expect(try await served.read(at: 3 * 4096, count: 16) == source.content(3).prefix(16))
  }

  @Test func aClosedDiskFetchesNothing() async throws {
    let source = disk([3])
    let served = BlockDisk(source)
    await served.close()
    await #expect(throws: CancellationError.self) { try await served.read(at: 3 * 4096, count: 16) }
    #expect(source.fetched.isEmpty)
  }
}
