import Testing

@testable import ConnectorDisk

@Suite struct ContiguousProgressTests {
  private func moves(_ progress: inout ContiguousProgress, _ range: Range<Int64>) {
    let moved = progress.complete(range)
    #expect(moved)
  }

  private func staysAt(_ progress: inout ContiguousProgress, _ range: Range<Int64>) {
    let moved = progress.complete(range)
    #expect(!moved)
  }

  @Test func itMovesOnlyWhenTheGapIsClosed() {
    var progress = ContiguousProgress(from: 10)
    staysAt(&progress, 30..<40)
    staysAt(&progress, 40..<50)
    #expect(progress.through == 10)
    moves(&progress, 10..<30)
    #expect(progress.through == 50)
  }

  @Test func whatWasDoneBeforeCountsForNothing() {
    var progress = ContiguousProgress(from: 100)
    staysAt(&progress, 0..<100)
    staysAt(&progress, 100..<100)
    #expect(progress.through == 100)
  }

  /// Any order of the same parts comes to the same end, and `through` never runs ahead of a missing part.
  @Test(arguments: 0..<20)
  func anyOrder(_ seed: Int) {
    var parts = (0..<64).map { Int64($0) * 10..<Int64($0 + 1) * 10 }
    var generator = Seeded(state: UInt64(seed) &* 7919 &+ 1)
    parts.shuffle(using: &generator)
    var progress = ContiguousProgress()
    var done: Set<Int64> = []
    for part in parts {
      progress.complete(part)
      done.insert(part.lowerBound)
      let firstMissing = (0..<64).map { Int64($0) * 10 }.first { !done.contains($0) } ?? 640
      #expect(progress.through == firstMissing)
    }
  }
}

private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
