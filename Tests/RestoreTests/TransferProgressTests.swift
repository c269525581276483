import Testing

@testable import Restore

@Suite struct TransferProgressTests {
  @Test func severalDisksAddUp() {
    var progress = TransferProgress(totals: [0: 100, 1: 300])
    progress.update(disk: 0, done: 100, total: nil, at: 0)
    progress.update(disk: 1, done: 100, total: nil, at: 1)
    #expect(progress.done == 200)
    #expect(progress.fraction == 0.5)
  }

  @Test func whatGoesBackIsIgnored() {
    var progress = TransferProgress(totals: [0: 100])
    progress.update(disk: 0, done: 60, total: nil, at: 0)
    progress.update(disk: 0, done: 10, total: nil, at: 1)
    #expect(progress.done == 60)
  }

  @Test func paceAndTimeLeftFollowTheLastSeconds() throws {
    var progress = TransferProgress(totals: [0: 10_000])
    #expect(progress.secondsLeft == nil)
    // Fast at first, then a tenth of it: the old pace must fade.
    for second in 0...10 { progress.update(disk: 0, done: Int64(second * 100), total: nil, at: Double(second)) }
    for second in 1...60 {
      progress.update(disk: 0, done: Int64(1000 + second * 10), total: nil, at: Double(10 + second))
    }
    #expect(try #require(progress.bytesPerSecond) == 10)
    #expect(try #require(progress.secondsLeft) == 840)
  }

  @Test func nothingToMoveIsAllDone() {
    #expect(TransferProgress(totals: [:]).fraction == 1)
  }

  @Test(arguments: zip(RestoreStep.Name.allCases, [0.0, 5, 25, 70, 72, 75]))
  func percentGoesOnFromStepToStep(_ step: RestoreStep.Name, _ start: Double) {
    #expect(JobPercent.of(step, fraction: 0) == start)
    #expect(JobPercent.of(.verify, fraction: 2) == 100)
  }
}
