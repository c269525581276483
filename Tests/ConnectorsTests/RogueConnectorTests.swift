import ConnectorProtocol
import Connectors
import Foundation
import Support
import Testing

/// Connectors that misbehave: each gives one clear error in bounded time, and leaves no process behind.
@Suite struct RogueConnectorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var mode: String
    var code: AscendError.Code
    var cause: String
    var testDescription: String { mode }
  }

  static let cases = [
    Case(mode: "garbage", code: "connector.protocolViolation", cause: "Hello, I am a library"),
    Case(mode: "not-rpc", code: "connector.protocolViolation", cause: "no JSON-RPC 2.0 message"),
    Case(mode: "request", code: "connector.protocolViolation", cause: "only the host may"),
    Case(mode: "unknown-id", code: "connector.protocolViolation", cause: "4711"),
    Case(mode: "oversized", code: "connector.protocolViolation", cause: "longer than 4194304 bytes"),
    Case(mode: "malformed", code: "connector.protocolViolation", cause: "its answer to ping is malformed: /uptimeMs"),
    Case(mode: "bad-ledger", code: "connector.protocolViolation", cause: "ledger entry 5 follows 0"),
    Case(mode: "closes-output", code: "connector.protocolViolation", cause: "closed its output"),
    Case(mode: "die", code: "connector.died", cause: "status 7 during ping; its last words:\nabout to fail\nTraceback"),
    Case(mode: "crash", code: "connector.died", cause: "signal 11"),
    Case(mode: "orphans", code: "connector.died", cause: "status 3"),
    Case(mode: "silent", code: "connector.deadlineExceeded", cause: "idle limit ran out"),
    Case(mode: "stubborn", code: "connector.deadlineExceeded", cause: "was ended"),
    Case(mode: "hang", code: "connector.startFailed", cause: "absolute limit ran out"),
    Case(mode: "refuse-version", code: "connector.versionUnsupported", cause: "it speaks 7, 9"),
    Case(mode: "other-version", code: "connector.versionUnsupported", cause: "it speaks 9"),
    Case(mode: "other-document", code: "connector.mismatch", cause: "differs from its connector.json"),
    Case(mode: "other-id", code: "connector.mismatch", cause: "calls itself else"),
  ]

  @Test(arguments: cases) func isFoundOut(case rogue: Case) async throws {
    let connector = try TestConnector(mode: rogue.mode)
    defer { connector.remove() }
    let options = connector.options { if rogue.mode == "hang" { $0.startupDeadline = .seconds(1) } }
    let isMute = ["silent", "stubborn"].contains(rogue.mode)
    let patience = CallDeadline(idle: isMute ? .milliseconds(600) : .seconds(15))
    let started = ContinuousClock.now
    let error = await #expect(throws: AscendError.self) {
      try await connector.session(options: options) { _ = try await $0.call(Ping(), deadline: patience) }
    }
    #expect(error?.code == rogue.code)
    #expect(error?.cause?.contains(rogue.cause) == true, "\(error?.cause ?? "no cause")")
    #expect(error?.object == "test")
    #expect(error?.remedy != nil)
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test func aSecondAnswerEndsTheSession() async throws {
    let connector = try TestConnector(mode: "twice")
    defer { connector.remove() }
    let error = await #expect(throws: AscendError.self) {
      try await connector.session { session in
        _ = try await session.call(Ping())
        _ = try await session.call(Ping())
      }
    }
    #expect(error?.code == "connector.protocolViolation")
    #expect(error?.cause == "it answered request 2 twice")
  }

  @Test func afterAFaultEveryCallSaysWhatItWas() async throws {
    let connector = try TestConnector(mode: "die")
    defer { connector.remove() }
    try await connector.session { session in
      for _ in 0..<2 {
        let error = await #expect(throws: AscendError.self) { try await session.call(Ping()) }
        #expect(error?.code == "connector.died")
      }
    }
  }

  @Test func aFloodOfLogsIsDrained() async throws {
    let connector = try TestConnector(mode: "flood")
    defer { connector.remove() }
    let events = RecordedEvents()
    try await connector.session(events: events) { _ = try await $0.call(Ping()) }
    #expect(events.logged.count < 2000)
    #expect(events.logged.contains { $0.message.contains("were left out") })
  }

  @Test func oneThatIgnoresEverythingIsKilled() async throws {
    let connector = try TestConnector(mode: "stubborn")
    defer { connector.remove() }
    let started = ContinuousClock.now
    try await connector.session { _ in }
    let taken = ContinuousClock.now - started
    // Both graces were given, and no more.
    #expect(taken > .milliseconds(550) && taken < .seconds(60))
  }

  @Test func oneThatLingersIsTerminated() async throws {
    let connector = try TestConnector(mode: "lingers")
    defer { connector.remove() }
    let events = RecordedEvents()
    try await connector.session(
      events: events, options: connector.options { $0.terminationGrace = .seconds(30) }
    ) { _ in }
    #expect(events.logged.contains { $0.message.contains("did not leave cleanly: it was ended by signal 15") })
  }

  @Test func oneThatCannotBeExecutedIsExplained() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let program = connector.root + "/test/connector"
    try connector.write(Data("#!/nowhere/interpreter\n".utf8), to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let error = await #expect(throws: AscendError.self) { try await connector.session { _ in } }
    #expect(error?.code == "connector.startFailed")
    #expect(error?.cause?.contains("cannot be executed") == true)
  }
}
