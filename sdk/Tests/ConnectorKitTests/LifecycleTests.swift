import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorKit

@Suite struct LifecycleTests {
  private func initialize(_ versions: [Int]) -> Initialize {
    Initialize(protocolVersions: versions, host: .init(name: "h", version: "1"))
  }

  @Test func theHighestCommonVersionIsSpoken() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    let result = try await harness.request(initialize([7, 1]))
    #expect(result.protocolVersion == 1)
    #expect(result.connector == .init(id: "scripted", version: "1.2.3"))
    let bytes = try ConnectorManifest.bytes(of: ScriptedConnector.document)
    #expect(result.document == SHA256.hex(bytes))
    #expect(bytes.last == 0x0A)
  }

  @Test func noCommonVersion() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(initialize([99])) }
    #expect(error?.reason == .unsupportedVersion)
    #expect(error?.details["supported"] == [1])
  }

  @Test func requestsOutOfOrder() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    var error = await #expect(throws: ConnectorError.self) { try await harness.request(SessionCheck()) }
    #expect(error?.reason == .notInitialized)
    _ = try await harness.request(Ping())
    _ = try await harness.request(initialize([1]))
    error = await #expect(throws: ConnectorError.self) { try await harness.request(SessionCheck()) }
    #expect(error?.reason == .notInitialized)
    error = await #expect(throws: ConnectorError.self) { try await harness.request(initialize([1])) }
    #expect(error?.reason == .invalidRequest)
    _ = try await harness.request(ConfigValidate(connection: [:]))
    _ = try await harness.request(SessionOpen(connection: [:]))
    #expect(try await harness.request(SessionCheck()).state == .ready)
  }

  @Test func afterShutdownEverythingIsRefusedAndTheEndIsOrderly() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    _ = try await harness.request(Shutdown())
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(SessionCheck()) }
    #expect(error?.reason == .shuttingDown)
    _ = try await harness.request(Ping())
    #expect(await harness.end(shutdown: false) == 0)
    #expect(harness.log.contains("closed"))
  }

  @Test func theEndOfTheInputCancelsWhatRuns() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    let id = try harness.send(InventoryList(kind: "sleep"))
    #expect(await harness.end(shutdown: false) == 1)
    #expect(try #require(harness.exitDelay) < 5)
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
  }

  @Test func codeThatBlocksDoesNotDelayTheEndBeyondTheGrace() async throws {
    var timing = ServerTiming()
    timing.endGrace = 0.5
    let harness = try ConnectorHarness(
      ScriptedConnector.self, workFolder: NSTemporaryDirectory(), acknowledges: true, timing: timing)
    try await harness.open()
    let id = try harness.send(InventoryList(kind: "stubborn"))
    // Its code has begun, and the connector is told to end while it runs.
    _ = try await harness.request(SessionCheck())
    #expect(await harness.end(shutdown: false) == 1)
    #expect(try #require(harness.exitDelay) < 10)
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: id) }
    #expect(error?.reason == .cancelled)
  }

  @Test func unknownMethodsAndNotifications() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    try harness.send(Envelope(method: "$/future", params: [:]))
    try harness.send(Envelope(method: AckNotification.method, params: ["seq": "no number"]))
    try harness.send(Envelope(id: .string("x"), method: "machine/teleport", params: [:]))
    var error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: .string("x")) }
    #expect(error?.reason == .methodNotFound)
    let plan = PlanPreflight.Plan(id: "p", digest: "d", state: [:])
    error = await #expect(throws: ConnectorError.self) { try await harness.request(PlanEstimate(plan: plan)) }
    #expect(error?.reason == .methodNotFound)
  }

  @Test func invalidParametersArePointedAt() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    try harness.send(
      Envelope(
        id: .number(40), method: MachinePower.method,
        params: ["op": ["id": "o", "attempt": "two", "digest": ""], "job": "j", "state": "on"]))
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: .number(40)) }
    #expect(error?.reason == .invalidParams)
    #expect(error?.diagnostics.first?.at == "/op/attempt")
    try harness.send(Envelope(id: .number(41), method: SessionCheck.method, params: ["_meta": ["deadlineMs": "soon"]]))
    let metaError = await #expect(throws: ConnectorError.self) { try await harness.answer(to: .number(41)) }
    #expect(metaError?.diagnostics.first?.at == "/_meta/deadlineMs")
  }

  @Test func noMoreThanSixtyFourAtOnce() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    let ids = try (0..<65).map { _ in try harness.send(InventoryList(kind: "sleep")) }
    let error = await #expect(throws: ConnectorError.self) { try await harness.answer(to: #require(ids.last)) }
    #expect(error?.reason == .rateLimited)
    #expect(error?.outcome == Outcome.none)
  }
}
