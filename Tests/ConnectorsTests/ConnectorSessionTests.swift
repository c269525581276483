import ConnectorProtocol
import Connectors
import Foundation
import Support
import Testing

/// Whole conversations with a real process.
@Suite struct ConnectorSessionTests {
  @Test func talks() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let uptime = try await connector.session { session in
      #expect(session.initialized.connector.id == "test")
      return try await session.call(Ping()).uptimeMs
    }
    #expect(uptime == 1)
  }

  @Test func waitsForASlowStart() async throws {
    let connector = try TestConnector(mode: "slow")
    defer { connector.remove() }
    _ = try await connector.session { try await $0.call(Ping()) }
  }

  @Test func tellsEverythingInOrderAndBeforeTheAnswer() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let events = RecordedEvents()
    let request = try DiskPrepare.sample.identified(by: OperationID("op-1"), attempt: 1)
    let result = try await connector.session(events: events) { session in
      let result = try await session.call(request)
      #expect(events.order == ["ledger intend -", "ledger created r-1", "progress 1", "checkpoint t"])
      return result
    }
    #expect(result.target["digest"]?.stringValue == request.op.digest)
  }

  @Test func aLedgerThatCannotBeWrittenEndsTheSession() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let events = RecordedEvents(ledgerError: AscendError("state.full", "The disk is full"))
    let error = await #expect(throws: AscendError.self) {
      try await connector.session(events: events) { session in
        try await session.call(DiskPrepare.sample.identified(by: OperationID("op-1"), attempt: 1))
      }
    }
    #expect(error?.code == "connector.ledgerFailed")
    #expect(error?.cause?.contains("disk is full") == true)
  }

  @Test func startsWithCleanSurroundings() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let answer = try await connector.session { try await $0.call(ConfigValidate(connection: [:])) }
    let facts = try JSONDecoder().decode(
      JSONValue.self, from: Data((answer.diagnostics.first?.summary ?? "").utf8))
    let names = Set((facts["environment"]?.objectValue ?? [:]).keys)
    #expect(names.subtracting(["LC_CTYPE"]) == ["PATH", "LANG", "ASCEND_CONNECTOR"])
    #expect(facts["folder"] == .string(connector.root + "/work"))
    #expect(facts["session"] == true)
    #expect(facts["arguments"] == [])
    #expect(facts["ignored"] == [])
    // 3 is the one by which the list itself is read.
    #expect(facts["descriptors"] == [0, 1, 2, 3])
    let mode = try FileManager.default.attributesOfItem(atPath: connector.root + "/work")[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func secretsReachTheConnectorAndNothingElse() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let events = RecordedEvents()
    try await connector.session(events: events) { session in
      _ = try await session.open(connection: [:], secrets: ["/password": "correct horse"])
    }
    let expected = [
      RecordedEvents.Log(level: "debug", message: "password is [secret]"),
      RecordedEvents.Log(level: "info", message: "in plain text: [secret]"),
    ]
    #expect(events.logged == expected)
  }

  @Test func secretsAreTakenOutOfErrors() async throws {
    let connector = try TestConnector(mode: "leaks")
    defer { connector.remove() }
    let error = await #expect(throws: ConnectorError.self) {
      try await connector.session { session in
        _ = try await session.open(connection: [:], secrets: ["/password": "correct horse"])
      }
    }
    #expect(error?.reason == .unauthenticated)
    #expect(error.map { String(describing: $0).contains("horse") } == false)
  }

  @Test func aBodyThatThrowsStopsTheConnector() async throws {
    struct Mine: Error {}
    let connector = try TestConnector()
    defer { connector.remove() }
    await #expect(throws: Mine.self) { try await connector.session { _ in throw Mine() } }
  }

  @Test func aRequestThatIsTooLargeIsNotSent() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    try await connector.session { session in
      let error = await #expect(throws: AscendError.self) {
        try await session.call(ConfigValidate(connection: .string(String(repeating: "x", count: 5 << 20))))
      }
      #expect(error?.code == "connector.messageTooLarge")
      _ = try await session.call(Ping())
    }
  }

  @Test func aLargeRequestArrives() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    try await connector.session { session in
      let large = JSONValue.string(String(repeating: "x", count: 3 << 20))
      let answer = try await session.call(ConfigValidate(connection: large))
      #expect(answer.diagnostics.count == 1)
    }
  }

  @Test func callsRunSideBySide() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    try await connector.session { session in
      let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
        for _ in 0..<50 { group.addTask { try await session.call(Ping()).uptimeMs } }
        return try await group.reduce(0, +)
      }
      #expect(sum == 50)
    }
  }

  @Test func leaksNoDescriptor() async throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    func open() throws -> Set<String> {
      // Those of pipes only: other tests open and close files meanwhile.
      Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
    }
    try await connector.session { _ in }
    let before = try open().count
    for _ in 0..<50 { try await connector.session { _ = try await $0.call(Ping()) } }
    // Other suites run beside this one: a leak of one a session would be fifty.
    #expect(try open().count < before + 40)
  }
}

extension DiskPrepare {
  static var sample: DiskPrepare {
    DiskPrepare(
      op: .undecided, job: JobID("job"), plan: PlanPreflight.Plan(id: "p", digest: "d", state: [:]), index: 0)
  }
}

extension DiskReceive {
  static var sample: DiskReceive {
    DiskReceive(
      op: .undecided, job: JobID("job"), plan: PlanPreflight.Plan(id: "p", digest: "d", state: [:]), index: 0,
      target: [:],
      source: DiskSource(kind: "nbd", location: "nbd+unix:///", format: "raw", sizeBytes: 1, generation: "g"))
  }
}
