import ConnectorDisk
import ConnectorProtocol
import Testing

@Suite struct TransferCheckpointTests {
  private func request(_ checkpoint: String?) -> DiskReceive {
    DiskReceive(
      op: .init(id: OperationID("o"), attempt: 1, digest: ""), job: JobID("j"),
      plan: .init(id: "p", digest: "", state: .null), index: 0, target: .null,
      source: .init(kind: "nbd", location: "", format: "raw", sizeBytes: 1000, generation: "a b"),
      checkpoint: checkpoint)
  }

  @Test func aTokenComesBack() throws {
    #expect(try TransferCheckpoint.start(of: request(nil)) == 0)
    #expect(try TransferCheckpoint.start(of: request(TransferCheckpoint(generation: "a b", through: 77).token)) == 77)
  }

  @Test(arguments: [
    ("", ErrorReason.staleCheckpoint), ("x a b", .staleCheckpoint), ("-1 a b", .staleCheckpoint),
    ("1001 a b", .staleCheckpoint), ("77 c", .sourceChanged),
  ])
  func aTokenThatDoesNotFit(_ token: String, _ reason: ErrorReason) {
    let error = #expect(throws: ConnectorError.self) { try TransferCheckpoint.start(of: request(token)) }
    #expect(error?.reason == reason)
  }
}
