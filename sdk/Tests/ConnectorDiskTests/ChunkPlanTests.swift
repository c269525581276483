import Testing

@testable import ConnectorDisk

@Suite struct ChunkPlanTests {
  private func chunks(
    _ extents: [(Int64, Bool)], chunkBytes: Int, from start: Int64 = 0, alignment: Int = 1
  ) -> [[Int64]] {
    let size = extents.reduce(0) { $0 + $1.0 }
    var plan = ChunkPlan(chunkBytes: chunkBytes, from: start, alignment: alignment, size: size)
    var offset: Int64 = 0
    var chunks: [ChunkPlan.Chunk] = []
    for (length, allocated) in extents {
      chunks += plan.add(DiskExtent(offset: offset, length: length, allocated: allocated))
      offset += length
    }
    chunks += plan.finish()
    return chunks.map { [$0.offset, Int64($0.length)] }
  }

  @Test func chunksEndAtMultiples() {
    #expect(chunks([(10, false), (25, true)], chunkBytes: 10) == [[10, 10], [20, 10], [30, 5]])
    #expect(chunks([(7, false), (8, true)], chunkBytes: 10) == [[7, 3], [10, 5]])
  }

  @Test func neighboursMakeOneChunk() {
    #expect(chunks([(2, true), (3, true), (1, true), (4, false), (3, true)], chunkBytes: 10) == [[0, 6], [10, 3]])
  }

  @Test func whatWasDoneBeforeIsLeftOut() {
    #expect(chunks([(40, true)], chunkBytes: 10, from: 15) == [[15, 5], [20, 10], [30, 10]])
    #expect(chunks([(10, true), (10, false), (5, true)], chunkBytes: 10, from: 12) == [[20, 5]])
    #expect(chunks([(10, true)], chunkBytes: 10, from: 10) == [])
  }

  @Test func chunksAreMadeLargerToWholeBlocks() {
    #expect(chunks([(7, false), (2, true), (31, false)], chunkBytes: 20, alignment: 5) == [[5, 5]])
    #expect(
      chunks([(1, true), (5, false), (1, true), (33, false)], chunkBytes: 20, alignment: 5) == [[0, 5], [5, 5]])
    #expect(chunks([(1, true), (1, false), (1, true), (38, false)], chunkBytes: 20, alignment: 5) == [[0, 5]])
    #expect(
      chunks([(1, true), (3, false), (9, true), (20, false), (1, true)], chunkBytes: 10, alignment: 5)
        == [[0, 10], [10, 5], [30, 4]])
    #expect(
      chunks([(6, true), (13, false), (3, true), (18, false)], chunkBytes: 20, alignment: 5)
        == [[0, 10], [15, 5], [20, 5]])
  }

  @Test func nothingIsAllocated() {
    #expect(chunks([(1 << 46, false)], chunkBytes: 1 << 20) == [])
  }
}
