import Testing

@testable import ConnectorProtocol

@Suite struct TokenBucketTests {
  private let start = ContinuousClock.now

  @Test func withoutALimitEverythingIsTaken() {
    var bucket = TokenBucket(at: start)
    for _ in 0..<1000 { #expect(bucket.take(1 << 30, at: start) == nil) }
  }

  /// What is taken in a long time is what the limit allows, a request more or less.
  @Test(arguments: [1000.0, 1_000_000, 50_000_000]) func thePaceIsKept(rate: Double) {
    var bucket = TokenBucket(at: start)
    bucket.setRate(rate, at: start)
    var now = start
    var taken = 0
    while now < start + .seconds(20) {
      while bucket.take(512 << 10, at: now) == nil { taken += 512 << 10 }
      now += .milliseconds(10)
    }
    let allowed = Int(rate * 20)
    #expect(taken >= allowed - (512 << 10) && taken <= allowed + Int(rate / 4) + (512 << 10))
  }

  @Test func aPauseIsNoCreditForLater() {
    var bucket = TokenBucket(at: start)
    bucket.setRate(1000, at: start)
    var taken = 0
    while bucket.take(100, at: start + .seconds(3600)) == nil { taken += 100 }
    #expect(taken <= 400)
  }

  @Test func aHigherLimitCountsAtOnce() throws {
    var bucket = TokenBucket(at: start)
    bucket.setRate(1000, at: start)
    #expect(bucket.take(1_000_000, at: start) == nil)
    let long = bucket.take(1, at: start)
    #expect(try #require(long) > .seconds(900))
    bucket.setRate(1_000_000, at: start)
    let short = bucket.take(1, at: start)
    #expect(try #require(short) < .seconds(2))
    bucket.setRate(nil, at: start)
    #expect(bucket.take(1 << 30, at: start) == nil)
  }

  @Test func limitsMayChangeWhileOneWaits() async throws {
    let limits = TransferLimits()
    limits.set(LimitsNotification(bytesPerSecond: 1, connections: 1))
    #expect(limits.admits(bytes: 1 << 20))
    #expect(!limits.admits(bytes: 1))
    #expect(limits.admits(connection: 0) && !limits.admits(connection: 1))
    let waiting = Task {
      try await limits.admit(bytes: 1)
      return try await limits.admit(connection: 1, unless: { false })
    }
    try await Task.sleep(for: .milliseconds(50))
    limits.set(LimitsNotification())
    #expect(try await waiting.value)
    #expect(try await limits.admit(connection: 5, unless: { true }))
    limits.set(LimitsNotification(connections: 2))
    #expect(try await limits.admit(connection: 5, unless: { true }) == false)
  }
}
