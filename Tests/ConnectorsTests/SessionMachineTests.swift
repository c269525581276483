import ConnectorProtocol
import Foundation
import Glibc
import Support
import Testing

@testable import Connectors

/// A machine, its clock, and what it last did, in words.
struct MachineRun {
  var machine: SessionMachine
  var now = ContinuousClock.now

  init(grace: Duration = .seconds(3)) {
    let options = SessionOptions(
      workFolder: "/nowhere", cancelGrace: .seconds(15), shutdownDeadline: .seconds(5), maxGrace: .seconds(30),
      terminationGrace: .seconds(5))
    machine = SessionMachine(connector: "test", options: options, grace: grace)
  }

  @discardableResult
  mutating func on(_ event: SessionMachine.Event) -> [String] {
    machine.on(event, at: now).map(Self.text)
  }

  mutating func call(
    _ method: String = "ping", op: String? = nil, idle: Double? = 120, absolute: Double? = nil
  ) -> [String] {
    let deadline = CallDeadline(idle: idle.map { .seconds($0) }, absolute: absolute.map { .seconds($0) })
    let id = machine.nextID()
    return on(
      .call(id: id, method: method, params: [:], operation: op.map { OperationID($0) }, deadline: deadline))
  }

  mutating func line(_ text: String) -> [String] { on(.line(Data(text.utf8))) }

  mutating func answer(_ id: Int) -> [String] { line(#"{"jsonrpc":"2.0","id":\#(id),"result":{}}"#) }

  mutating func refuse(_ id: Int, _ reason: String, code: Int) -> [String] {
    line(#"{"jsonrpc":"2.0","id":\#(id),"error":{"code":\#(code),"message":"m","data":{"reason":"\#(reason)"}}}"#)
  }

  mutating func progress(_ op: String) -> [String] {
    line(
      #"{"jsonrpc":"2.0","method":"$/progress","params":{"op":"\#(op)","phase":"p","seq":1,"done":1,"unit":"bytes"}}"#)
  }

  mutating func ledger(_ seq: Int) -> [String] {
    line(
      #"{"jsonrpc":"2.0","method":"$/ledger","params":{"seq":\#(seq),"op":"o","event":"intend","#
        + #""resource":{"kind":"disk","name":"d"}}}"#)
  }

  mutating func wait(_ seconds: Double) -> [String] {
    now += .seconds(seconds)
    return on(.tick)
  }

  /// Seconds until it wants to be woken.
  var sleeps: Double? { machine.wakeAt.map { (($0 - now).seconds * 1000).rounded() / 1000 } }

  static func text(_ action: SessionMachine.Action) -> String {
    switch action {
    case .send(let envelope):
      let seq = envelope.params?["seq"]?.integerValue.map { " \($0)" } ?? ""
      let id =
        (envelope.id?.description ?? envelope.params?["id"]?.integerValue.map(String.init)).map { " \($0)" } ?? ""
      return "send \(envelope.method ?? "")\(id)\(seq)"
    case .deliver(let delivery): return text(delivery)
    case .closeInput: return "close input"
    case .signal(SIGTERM): return "SIGTERM"
    case .signal(SIGKILL): return "SIGKILL"
    case .signal(let number): return "signal \(number)"
    case .finish: return "finish"
    }
  }

  private static func text(_ delivery: SessionMachine.Delivery) -> String {
    switch delivery {
    case .ledger(let entry): "ledger \(entry.seq)"
    case .progress: "progress"
    case .checkpoint: "checkpoint"
    case .diagnostic: "diagnostic"
    case .log(let line): "log \(line.level)"
    case .answer(let id, .success): "answer \(id)"
    case .answer(let id, .failure(let error as AscendError)): "fail \(id) \(error.code.rawValue)"
    case .answer(let id, .failure(let error as ConnectorError)): "fail \(id) \(error.reason)"
    case .answer(let id, .failure(let error)): "fail \(id) \(type(of: error))"
    }
  }
}

@Suite struct SessionMachineTests {
  var run = MachineRun()

  private let killed = ["close input", "SIGKILL"]

  @Test mutating func matchesAnswersToCalls() {
    #expect(run.call() == ["send ping 1"])
    #expect(run.call() == ["send ping 2"])
    #expect(run.answer(2) == ["answer 2"])
    #expect(run.refuse(1, "notFound", code: 1301) == ["fail 1 notFound"])
    #expect(run.machine.calls.isEmpty)
    #expect(run.sleeps == nil)
  }

  @Test mutating func refusesAnswersToNothing() {
    _ = run.call()
    _ = run.answer(1)
    #expect(run.answer(1) == killed)
    #expect(run.machine.fault?.cause == "it answered request 1 twice")
    var other = MachineRun()
    #expect(other.answer(1) == killed)
    #expect(other.machine.fault?.cause == "it answered request 1, which was never made")
  }

  @Test(
    arguments: [
      "nonsense", "[]", #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"2.0","id":"a","result":1}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, #"{"jsonrpc":"2.0","method":"$/ledger","params":{}}"#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}"#, #"{"id":1,"result":{}}"#,
      #"{"jsonrpc":"2.0","method":"$/progress"}"#,
    ])
  mutating func violationsFailEveryCallAndKill(line: String) {
    _ = run.call()
    _ = run.call()
    let code = "connector.protocolViolation"
    #expect(run.line(line) == ["fail 1 \(code)", "fail 2 \(code)"] + killed)
    // Nothing that follows counts, and a later call is told the same.
    #expect(run.answer(1) == [])
    #expect(run.call() == ["fail 3 \(code)"])
    #expect(run.on(.exited(.signal(SIGKILL), log: "")) == ["finish"])
    #expect(run.call() == ["fail 4 \(code)"])
  }

  @Test mutating func ignoresUnknownNotifications() {
    _ = run.call()
    #expect(run.line(#"{"jsonrpc":"2.0","method":"$/weather","params":{"sun":true}}"#) == [])
    #expect(run.answer(1) == ["answer 1"])
  }

  @Test mutating func acknowledgesWhatIsDurableOnly() {
    _ = run.call("disk/prepare", op: "o")
    #expect(run.ledger(1) == ["ledger 1"])
    #expect(run.on(.ledgerDurable(seq: 1)) == ["send $/ack 1"])
    #expect(run.ledger(2) == ["ledger 2"])
    let error = AscendError("state.full", "full")
    #expect(run.on(.ledgerFailed(error)) == ["fail 1 state.full"] + killed)
    #expect(run.on(.ledgerDurable(seq: 2)) == [])
  }

  @Test(arguments: [0, 2, -1, 7]) mutating func ledgerEntriesComeInOrder(seq: Int) {
    #expect(run.ledger(seq) == killed)
  }

  @Test mutating func checkpointsAreBounded() {
    let token = String(repeating: "x", count: MessageLimits.maxCheckpointBytes)
    func checkpoint(_ token: String) -> String {
      #"{"jsonrpc":"2.0","method":"$/checkpoint","params":{"op":"o","seq":1,"token":"\#(token)","through":1}}"#
    }
    #expect(run.line(checkpoint(token)) == ["checkpoint"])
    #expect(run.line(checkpoint(token + "x")) == killed)
  }

  // MARK: clocks

  @Test mutating func theIdleClockIsResetByTheOperationsProgress() {
    _ = run.call("disk/receive", op: "a", idle: 10)
    _ = run.call("disk/receive", op: "b", idle: 30)
    #expect(run.wait(9) == [])
    #expect(run.progress("a") == ["progress"])
    #expect(run.sleeps == 10)
    #expect(run.wait(9.5) == [])
    #expect(run.progress("b") == ["progress"])
    #expect(run.wait(0.5) == ["send $/cancel 1"])
  }

  @Test mutating func callsWithoutAnOperationLiveByAnyProgress() {
    _ = run.call("inventory/list", idle: 10)
    _ = run.call("disk/receive", op: "a", idle: 20)
    #expect(run.wait(9) == [])
    _ = run.progress("a")
    #expect(run.wait(9) == [])
  }

  @Test mutating func progressAfterTheAnswerIsDropped() {
    _ = run.call("disk/receive", op: "a")
    _ = run.answer(1)
    #expect(run.progress("a") == [])
  }

  @Test mutating func anExpiredCallMayStillSucceed() {
    _ = run.call(absolute: 10)
    #expect(run.wait(10) == ["send $/cancel 1"])
    #expect(run.answer(1) == ["answer 1"])
  }

  @Test mutating func anExpiredCallThatStopsIsADeadlineError() {
    _ = run.call(absolute: 10)
    _ = run.wait(10)
    #expect(run.refuse(1, "cancelled", code: 1005) == ["fail 1 connector.deadlineExceeded"])
    #expect(run.machine.fault == nil)
    #expect(run.call() == ["send ping 2"])
  }

  @Test mutating func anExpiredCallThatDoesNotStopEndsTheSession() {
    _ = run.call(idle: 10)
    _ = run.call(idle: 100)
    #expect(run.wait(10) == ["send $/cancel 1"])
    #expect(run.sleeps == 15)
    #expect(
      run.wait(15) == ["fail 1 connector.deadlineExceeded", "fail 2 connector.deadlineExceeded"] + killed)
    #expect(run.machine.fault?.cause?.contains("did not answer when told to stop") == true)
  }

  @Test mutating func aCancelledCallIsAnswered() {
    _ = run.call()
    #expect(run.on(.cancel(id: 1)) == ["send $/cancel 1"])
    #expect(run.on(.cancel(id: 1)) == [])
    #expect(run.refuse(1, "cancelled", code: 1005) == ["fail 1 cancelled"])
  }

  @Test mutating func aCancellationMayOvertakeItsCall() {
    #expect(run.on(.cancel(id: 1)) == [])
    #expect(run.call() == ["fail 1 CancellationError"])
    #expect(run.call() == ["send ping 2"])
    _ = run.answer(2)
    #expect(run.on(.cancel(id: 2)) == [])
  }
}
