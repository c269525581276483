import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorKit

@Suite struct StopTests {
  private func harness(cancelGrace: Double = 0.3) async throws -> ConnectorHarness {
    var timing = ServerTiming()
    timing.cancelGrace = cancelGrace
    timing.deadlineGrace = 0.2
    timing.endGrace = 0.5
    let harness = try ConnectorHarness(
      ScriptedConnector.self, workFolder: NSTemporaryDirectory(), acknowledges: true, timing: timing)
    try await harness.open()
    return harness
  }

  @Test func aCancelledRequestIsAnswered() async throws {
    let harness = try await harness()
    let id = try harness.send(InventoryList(kind: "sleep"))
    try harness.cancel(id, reason: "no longer wanted")
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
    #expect(error?.outcome == Outcome.none)
    #expect(error?.message.contains("no longer wanted") == true)
  }

  @Test func aCancelledOperationSaysWhatItLeft() async throws {
    let harness = try await harness(cancelGrace: 15)
    let id = try harness.send(script("sleep"))
    _ = try await harness.message { $0.method == CheckpointNotification.method }
    try harness.cancel(id)
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
    #expect(error?.outcome == .partial)
    #expect(error?.checkpoint == "newest")
  }

  @Test func codeThatDoesNotStopIsAnsweredFor() async throws {
    let harness = try await harness()
    let id = try harness.send(InventoryList(kind: "stubborn"))
    try harness.cancel(id)
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
    await harness.end(shutdown: false)
    #expect(harness.messages.count { $0.id == id } == 1)
  }

  /// The reader's thread answers `ping` while every thread of the concurrency runtime is occupied.
  @Test func pingIsAnsweredWhileCodeBlocks() async throws {
    let harness = try await harness()
    for _ in 0..<8 { _ = try harness.send(InventoryList(kind: "block")) }
    let start = Date()
    let id = try harness.send(Ping())
    while !harness.messages.contains(where: { $0.id == id }), Date().timeIntervalSince(start) < 2 { usleep(1000) }
    #expect(Date().timeIntervalSince(start) < 1)
    await harness.end(shutdown: false)
  }

  @Test func cancellingWhatDoesNotRunIsIgnored() async throws {
    let harness = try await harness()
    try harness.cancel(.number(12345))
    _ = try await harness.request(SessionCheck())
  }

  @Test(arguments: ["sleep", "stubborn"])
  func deadlinesAreKept(_ kind: String) async throws {
    let harness = try await harness()
    let start = Date()
    let error = await #expect(throws: ConnectorError.self) {
      try await harness.request(InventoryList(kind: kind), meta: RequestMeta(deadlineMs: 100))
    }
    #expect(error?.reason == .deadlineExceeded)
    #expect(Date().timeIntervalSince(start) < 30)
    await harness.end(shutdown: false)
  }

  @Test func otherErrorsAreInternal() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open(secrets: ["/password": "hunter2-hunter2"])
    let error = await #expect(throws: ConnectorError.self) {
      try await harness.request(InventoryList(kind: "throw", filter: "with hunter2-hunter2"))
    }
    #expect(error?.reason == .internalError)
    #expect(error?.message.contains("hunter2") == false)
    #expect(error?.message.contains(Redactor.placeholder) == true)
  }
}
