import Glibc
import Support
import Testing

@testable import Connectors

/// The ladder, step by step, and ends that nobody asked for.
@Suite struct SessionMachineStoppingTests {
  var run = MachineRun()

  @Test mutating func leavesPolitely() {
    #expect(run.on(.stop) == ["send shutdown 1"])
    #expect(run.sleeps == 5)
    #expect(run.answer(1) == ["close input"])
    #expect(run.sleeps == 3)
    #expect(run.on(.channelClosed("output")) == [])
    #expect(run.on(.exited(.status(0), log: "")) == ["finish"])
    #expect(run.call() == ["fail 2 connector.stopping"])
  }

  @Test mutating func goesDownTheWholeLadder() {
    _ = run.on(.stop)
    #expect(run.on(.stop) == [])
    #expect(run.wait(4.9) == [])
    #expect(run.wait(0.1) == ["close input"])
    #expect(run.wait(3) == ["SIGTERM"])
    #expect(run.wait(5) == ["SIGKILL"])
    #expect(run.wait(10) == ["finish"])
    #expect(run.wait(100) == [])
  }

  @Test mutating func graceIsCapped() {
    run = MachineRun(grace: .seconds(3600))
    _ = run.on(.stop)
    _ = run.answer(1)
    #expect(run.sleeps == 30)
  }

  @Test mutating func cancelsWhatRunsFirst() {
    _ = run.call("disk/receive", op: "a")
    _ = run.call()
    #expect(run.on(.stop) == ["send $/cancel 1", "send $/cancel 2"])
    #expect(run.call() == ["fail 3 connector.stopping"])
    #expect(run.answer(2) == ["answer 2"])
    #expect(run.refuse(1, "cancelled", code: 1005) == ["fail 1 cancelled", "send shutdown 4"])
  }

  @Test mutating func killsWhatDoesNotStop() {
    _ = run.call()
    _ = run.on(.stop)
    #expect(run.wait(15) == ["fail 1 connector.unresponsive", "close input", "SIGKILL"])
  }

  @Test mutating func anUncleanEndIsNoted() {
    _ = run.on(.stop)
    _ = run.answer(1)
    #expect(run.on(.exited(.signal(SIGTERM), log: "")) == ["log warning", "finish"])
  }

  @Test mutating func aDeathFailsWhatRan() {
    _ = run.call("disk/receive", op: "a")
    _ = run.call()
    let log = (1...20).map { "line \($0)" }.joined(separator: "\n")
    #expect(
      run.on(.exited(.status(9), log: log)) == ["fail 1 connector.died", "fail 2 connector.died", "finish"])
    let cause = run.machine.fault?.cause ?? ""
    #expect(cause.hasPrefix("it exited with status 9 during disk/receive, ping; its last words:\nline 11\n"))
    #expect(cause.hasSuffix("line 20"))
    #expect(run.call() == ["fail 3 connector.died"])
  }

  @Test mutating func aClosedChannelIsForgivenForAMoment() {
    _ = run.call()
    _ = run.on(.channelClosed("output"))
    #expect(run.sleeps == 2)
    #expect(run.wait(1.9) == [])
    #expect(run.wait(0.2) == ["fail 1 connector.protocolViolation", "close input", "SIGKILL"])
  }

  @Test mutating func aProcessThatCannotBeKilledIsGivenUp() {
    _ = run.call()
    _ = run.on(.oversizedLine)
    #expect(run.sleeps == 10)
    #expect(run.wait(10) == ["finish"])
  }

  @Test mutating func faultsOfTheShellFailTheSession() {
    _ = run.call()
    let fault = AscendError("connector.protocolViolation", "malformed")
    #expect(run.on(.fault(fault)) == ["fail 1 connector.protocolViolation", "close input", "SIGKILL"])
    #expect(run.on(.fault(fault)) == [])
    #expect(run.on(.stop) == [])
  }
}
