import ConnectorProtocol
import Testing

@testable import ConnectorKit

@Suite struct ProgressThrottleTests {
  private func update(_ done: Int64, phase: String = "copy") -> ProgressThrottle.Update {
    .init(phase: phase, done: done, total: 100, unit: "bytes", skipped: nil, message: nil)
  }

  @Test func theFirstIsSentTheNextIsHeld() {
    var throttle = ProgressThrottle(op: OperationID("op"))
    guard case .send(let first) = throttle.offer(update(1), now: 0) else { return #expect(Bool(false), "not sent") }
    #expect(first.done == 1 && first.seq == 1)
    guard case .hold(let until) = throttle.offer(update(2), now: 0.05) else {
      return #expect(Bool(false), "not held")
    }
    #expect(until == 0.2)
    guard case .replaced = throttle.offer(update(3), now: 0.1) else { return #expect(Bool(false), "not replaced") }
    let flushed = throttle.flush(now: 0.2)
    #expect(flushed?.done == 3)
    let nothing = throttle.flush(now: 0.3)
    #expect(nothing == nil)
  }

  @Test func doneDoesNotFallInAPhase() {
    var throttle = ProgressThrottle(op: OperationID("op"))
    _ = throttle.offer(update(50), now: 0)
    guard case .send(let second) = throttle.offer(update(20), now: 1) else {
      return #expect(Bool(false), "not sent")
    }
    #expect(second.done == 50)
    guard case .send(let third) = throttle.offer(update(0, phase: "finish"), now: 2) else {
      return #expect(Bool(false), "not sent")
    }
    #expect(third.done == 0)
  }

  @Test func heartbeatsFillSilence() {
    var throttle = ProgressThrottle(op: OperationID("op"))
    let first = throttle.heartbeat(every: 5, now: 0)
    #expect(first?.heartbeat == true)
    let early = throttle.heartbeat(every: 5, now: 4)
    #expect(early == nil)
    _ = throttle.offer(update(7), now: 4)
    let afterProgress = throttle.heartbeat(every: 5, now: 8)
    #expect(afterProgress == nil)
    let beat = throttle.heartbeat(every: 5, now: 9)
    #expect(beat?.done == 7 && beat?.phase == "copy")
  }
}
