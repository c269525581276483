import ConnectorProtocol
import Connectors
import Foundation
import Support
import Testing

@Suite struct CancellationTests {
  /// Calls `ping` in a task of its own and cancels that once the connector has it.
  private func cancelledPing(_ session: ConnectorSession) async -> Result<Ping.Result, any Error> {
    let task = Task { try await session.call(Ping()) }
    try? await Task.sleep(for: .seconds(1))
    task.cancel()
    return await task.result
  }

  @Test func isAnsweredByTheConnector() async throws {
    let connector = try TestConnector(mode: "cancellable")
    defer { connector.remove() }
    try await connector.session(options: connector.options { $0.cancelGrace = .seconds(60) }) { session in
      let result = await cancelledPing(session)
      let error = #expect(throws: ConnectorError.self) { try result.get() }
      #expect(error?.reason == .cancelled)
      #expect(error?.outcome == .partial)
      #expect(error?.checkpoint == "half")
    }
  }

  @Test func endsAConnectorThatDoesNotAnswer() async throws {
    let connector = try TestConnector(mode: "silent")
    defer { connector.remove() }
    try await connector.session { session in
      let result = await cancelledPing(session)
      let error = #expect(throws: AscendError.self) { try result.get() }
      #expect(error?.code == "connector.unresponsive")
      #expect(error?.cause?.contains("ping") == true)
    }
  }

  @Test func beforeTheCallSendsNothing() async throws {
    let connector = try TestConnector(mode: "die")
    defer { connector.remove() }
    try await connector.session { session in
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await session.call(Ping())
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func ofTheWholeSessionStopsTheConnector() async throws {
    let connector = try TestConnector(mode: "cancellable")
    defer { connector.remove() }
    let task = Task { try await connector.session { try await $0.call(Ping()) } }
    try await Task.sleep(for: .milliseconds(400))
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(connector.processes().isEmpty)
  }

  @Test func progressKeepsACallAlive() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let events = RecordedEvents()
    let request = try DiskReceive.sample.identified(by: OperationID("op"), attempt: 1)
    let result = try await connector.session(events: events) { session in
      try await session.call(request, deadline: CallDeadline(idle: .seconds(1)))
    }
    #expect(result.bytesSent == 15)
    #expect(events.order.count == 15)
  }

  @Test func progressDoesNotStopTheAbsoluteClock() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let request = try DiskReceive.sample.identified(by: OperationID("op"), attempt: 1)
    let error = await #expect(throws: AscendError.self) {
      try await connector.session { session in
        _ = try await session.call(request, deadline: CallDeadline(idle: .seconds(5), absolute: .milliseconds(500)))
      }
    }
    #expect(error?.code == "connector.deadlineExceeded")
    #expect(error?.cause?.contains("absolute limit") == true)
    #expect(error?.cause?.contains("5.0 s without a sign of life, 500 ms in all") == true, "\(error?.cause ?? "")")
  }
}
