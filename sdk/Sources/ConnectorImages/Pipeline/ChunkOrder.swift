/// Brings chunks that are ready in any order back into that of the disk. Pure.
struct ChunkOrder {
  private var ready: [PackedChunk] = []
  /// Ranges without chunks, in rising order; those before `firstZeros` are passed.
  private var zeros: [Range<Int64>] = []
  private var firstZeros = 0
  /// Everything before it was taken, or is zeros.
  private var through: Int64 = 0

  /// Notes that `range` holds zeros. Comes in rising order, before any chunk behind it.
  mutating func pass(_ range: Range<Int64>) {
    zeros.append(range)
    passZeros()
  }

  mutating func add(_ chunk: PackedChunk) {
    ready.append(chunk)
  }

  /// Whether nothing but zeros lies between what was taken and `offset`.
  func isNext(_ offset: Int64) -> Bool { offset <= through }

  /// Whether the next chunk is ready.
  var hasNext: Bool { nextIndex != nil }

  /// The next chunk, where it is ready.
  mutating func takeNext() -> PackedChunk? {
    guard let index = nextIndex else { return nil }
    let chunk = ready.remove(at: index)
    through = max(through, chunk.end)
    passZeros()
    return chunk
  }

  /// Looks through as many as there are chunks held, which is few.
  private var nextIndex: Int? { ready.firstIndex { isNext($0.offset) } }

  private mutating func passZeros() {
    while firstZeros < zeros.count, zeros[firstZeros].lowerBound <= through {
      through = max(through, zeros[firstZeros].upperBound)
      firstZeros += 1
    }
    if firstZeros == zeros.count {
      zeros.removeAll(keepingCapacity: true)
      firstZeros = 0
    }
  }
}
