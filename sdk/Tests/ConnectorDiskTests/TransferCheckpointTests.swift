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

  @Test func theDigestComesBackWithIt() throws {
    var digest = ContentDigest()
    digest.addZeros(blocks: 1)
    let token = TransferCheckpoint(generation: "a b", through: 1000, digest: digest.state).token
    let checkpoint = try #require(try TransferCheckpoint.read(request(token)))
    #expect(checkpoint.through == 1000)
    #expect(checkpoint.digester(sizeBytes: 1000)?.text == digest.text(sizeBytes: 1000))
    // One of another place, of none, or of nonsense is no digest to go on with.
    for (through, state) in [(Int64(7), digest.state), (1000, nil), (1000, "5:xyz")] {
      let other = TransferCheckpoint(generation: "a b", through: through, digest: state)
      #expect(try TransferCheckpoint.read(request(other.token))?.digester(sizeBytes: 1000) == nil)
    }
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
