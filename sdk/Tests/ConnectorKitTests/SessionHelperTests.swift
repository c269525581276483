import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorKit

/// What the kit does for sessions beside the conversation.
@Suite struct SessionHelperTests {
  private func harness() async throws -> ConnectorHarness {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    return harness
  }

  private let op = ConnectorProtocol.Operation(id: OperationID(""), attempt: 1, digest: "")

  @Test func deletionsAreTriedInOrderAndToldToTheLedger() async throws {
    let harness = try await harness()
    let resources = ["deleted", "failed", "absent", "foreign"].map { Resource(kind: "disk", name: $0) }
    let request = try ConnectorHarness.operation(ResourcesDelete(op: op, job: JobID("j"), resources: resources))
    let results = try await harness.request(request).results
    #expect(results.map(\.name) == ["deleted", "failed", "absent", "foreign"])
    #expect(results.map(\.state) == [.deleted, .failed, .absent, .foreign])
    #expect(results.map(\.why) == [nil, "it is failed", nil, "it is foreign"])
    let entries = try harness.notifications(LedgerNotification.self)
    #expect(entries.map(\.resource.name) == ["deleted", "absent"])
    #expect(entries.allSatisfy { $0.event == .deleted })
  }

  @Test func checksRunOneAfterTheOther() async throws {
    let harness = try await harness()
    let request = try ConnectorHarness.operation(
      MachineVerify(
        op: op, job: JobID("j"), machine: MachineReference(id: "m", name: "m"),
        checks: ["powered", "moon", "ip"].map { .init(kind: $0) }, timeoutMs: 1000))
    let results = try await harness.request(request).results
    #expect(results.map(\.kind) == ["powered", "moon", "ip"])
    #expect(results.map(\.pass) == [true, false, false])
    #expect(results.map(\.inconclusive) == [nil, nil, true])
    #expect(results[1].detail == "this connector has no such check")
    #expect(results[0].evidence?.hasSuffix("-1") == true)
    // Whoever waits is told what for.
    let progress = try harness.notifications(ProgressNotification.self)
    #expect(progress.first?.phase == "verify")
    #expect(progress.first?.total == 3)
  }

  @Test func aCheckMayHaveItsOwnTime() async throws {
    let harness = try await harness()
    let start = ContinuousClock.now
    let request = try ConnectorHarness.operation(
      MachineVerify(
        op: op, job: JobID("j"), machine: MachineReference(id: "m", name: "m"),
        checks: [.init(kind: "ip", options: ["seconds": 1])], timeoutMs: 600_000))
    #expect(try await harness.request(request).results.map(\.pass) == [false])
    #expect(start.duration(to: .now) < .seconds(20))
  }

  @Test func blockingCodeThrowsWhereItIsWaitedFor() async throws {
    #expect(try await Blocking.run { 7 } == 7)
    await #expect(throws: ScriptError.self) { try await Blocking.run { throw ScriptError(text: "no") } }
  }
}
