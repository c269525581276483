import ConnectorProtocol
import ConnectorTesting
import Testing

@testable import AWSConnector

struct ImportCheckpointTests {
  private func request(_ token: String?, generation: String = "a b c") -> DiskReceive {
    DiskReceive(
      op: TestHost.op, job: JobID("j"), plan: .init(id: "", digest: "", state: .null), index: 0, target: .null,
      source: DiskSource(kind: "nbd", location: "", format: "raw", sizeBytes: 64 << 20, generation: generation),
      checkpoint: token)
  }

  @Test func itComesBackAsItWas() throws {
    var checkpoint = ImportCheckpoint(uploadID: "2~abc_DEF.1-", generation: "a b c")
    #expect(try ImportCheckpoint.read(request(checkpoint.token)) == checkpoint)
    checkpoint.receipt = Receipt(
      generation: Receipt.name(of: "a b c"), read: 3, sent: 2, skipped: 1, blocks: 0,
      digest: "ascend1:" + String(repeating: "a", count: 64), linear: nil)
    #expect(try ImportCheckpoint.read(request(checkpoint.token)) == checkpoint)
    #expect(try ImportCheckpoint.read(request(nil)) == nil)
  }

  @Test func whatIsNoneIsRefused() throws {
    let token = ImportCheckpoint(uploadID: "u", generation: "a b c").token
    let other = #expect(throws: ConnectorError.self) { try ImportCheckpoint.read(request(token, generation: "x")) }
    #expect(other?.reason == .sourceChanged)
    for token in ["", "image1", "image1 u - ", "image1 u 1,2 a b c", "blocks1 snap-1 0 0 0 0 0: - a b c"] {
      let error = #expect(throws: ConnectorError.self, "\(token)") { try ImportCheckpoint.read(request(token)) }
      #expect(error?.reason == .staleCheckpoint)
    }
  }
}
