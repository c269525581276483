import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorKit

@Suite struct OperationTests {
  private func harness(acknowledges: Bool = true, secrets: [String: String] = [:]) async throws -> ConnectorHarness {
    let harness = try ConnectorHarness(ScriptedConnector.self, acknowledges: acknowledges)
    try await harness.open(secrets: secrets)
    return harness
  }

  @Test func aRepeatIsAnsweredFromMemory() async throws {
    let harness = try await harness()
    let request = try script("create")
    _ = try await harness.request(request)
    let entries = try harness.notifications(LedgerNotification.self).count
    for _ in 0..<10 { #expect(try await harness.request(request).state == .on) }
    #expect(try harness.notifications(LedgerNotification.self).count == entries)
  }

  @Test func otherParametersUnderTheSameIdAreAConflict() async throws {
    let harness = try await harness()
    let id = OperationID("op-1")
    _ = try await harness.request(script("nothing", id: id))
    let error = await #expect(throws: ConnectorError.self) {
      try await harness.request(try script("something", id: id))
    }
    #expect(error?.reason == .operationConflict)
    #expect(error?.outcome == Outcome.none)
  }

  @Test func whatRunsIsInProgress() async throws {
    let harness = try await harness()
    let request = try script("sleep")
    let id = try harness.send(request)
    _ = try await harness.message { $0.method == CheckpointNotification.method }
    #expect(try await harness.request(Ping()).activeOperations == 1)
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(request) }
    #expect(error?.reason == .operationInProgress)
    try harness.cancel(id)
  }

  @Test func whatFailedMayRunAgain() async throws {
    let harness = try await harness()
    let request = try script("fail-once")
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(request) }
    #expect(error?.reason == .networkUnreachable)
    #expect(try await harness.request(request).state == .on)
  }

  @Test func aWrongDigestIsRefused() async throws {
    let harness = try await harness()
    var request = try script("nothing")
    request.op.digest = String(repeating: "0", count: 64)
    let wrong = request
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(wrong) }
    #expect(error?.reason == .invalidParams)
    #expect(error?.diagnostics.first?.at == "/op/digest")
  }

  @Test func theLedgerIsWrittenAhead() async throws {
    let harness = try await harness(acknowledges: false)
    let id = try harness.send(script("create"))
    for (seq, event) in [(1, LedgerNotification.Event.intend), (2, .created), (3, .deleted)] {
      let message = try await harness.message { $0.method == LedgerNotification.method || $0.id == id }
      let entry = try #require(try message.params?.decode(LedgerNotification.self))
      #expect(entry.seq == Int64(seq))
      #expect(entry.event == event)
      #expect(entry.resource.remoteID == (event == .created ? "r-1" : nil))
      // Nothing follows before the acknowledgement.
      try await Task.sleep(for: .milliseconds(50))
      #expect(try harness.notifications(LedgerNotification.self).count == seq)
      try harness.notify(AckNotification(seq: Int64(seq)))
    }
    _ = try await harness.answer(to: id)
  }

  @Test(arguments: [("create-none", ["intend", "abandoned"]), ("create-unknown", ["intend"])])
  func onlyWhatHadNoEffectIsAbandoned(_ name: String, _ events: [String]) async throws {
    let harness = try await harness()
    await #expect(throws: ConnectorError.self) { try await harness.request(try script(name)) }
    #expect(try harness.notifications(LedgerNotification.self).map(\.event.rawValue) == events)
  }

  @Test func waitingForAnAcknowledgementCanBeCancelled() async throws {
    let harness = try await harness(acknowledges: false)
    let id = try harness.send(script("create"))
    _ = try await harness.message { $0.method == LedgerNotification.method }
    try harness.cancel(id)
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
    #expect(try harness.notifications(LedgerNotification.self).map(\.event) == [.intend, .abandoned])
  }

  @Test func progressIsThrottledAndItsLastIsSent() async throws {
    let harness = try await harness()
    _ = try await harness.request(script("progress"))
    let sent = try harness.notifications(ProgressNotification.self)
    #expect(sent.count < 10)
    #expect(sent.last?.done == 999)
    #expect(sent.map(\.seq) == sent.map(\.seq).sorted())
    #expect(harness.messages.last?.result != nil)
  }

  @Test(arguments: ["secret-token", "long-token"])
  func badCheckpointsAreNotSent(_ name: String) async throws {
    let harness = try await harness(secrets: ["/password": "hunter2-hunter2"])
    _ = try await harness.request(script(name))
    #expect(try harness.notifications(CheckpointNotification.self).isEmpty)
    await harness.end(shutdown: true)
    #expect(harness.log.contains("was not sent"))
    #expect(!harness.log.contains("hunter2"))
  }

  @Test func logLinesAreObjects() async throws {
    let harness = try await harness(secrets: ["/password": "p\"ss\\word\n-two"])
    await harness.end(shutdown: true)
    for line in harness.log.split(separator: "\n") {
      let entry = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
      #expect(ConnectorLogger.Level.allCases.map(\.rawValue).contains(entry["level"] ?? ""))
      #expect(entry["time"] != nil)
      #expect(entry["message"]?.contains("word") == false)
    }
    #expect(harness.log.contains(Redactor.placeholder))
  }
}
