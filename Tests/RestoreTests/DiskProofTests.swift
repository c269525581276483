import ConnectorProtocol
import Support
import Testing

@testable import Restore

/// What is concluded from the digests of those who read a disk.
@Suite struct DiskProofTests {
  private func proof(
    _ expected: DiskProof.Expectation?, read: String?, written: String? = nil
  ) throws(AscendError) -> DiskProof {
    var result = DiskReceive.Result(disk: [:], bytesRead: 1, bytesSent: 1, bytesSkipped: 0)
    result.digest = read
    result.platformDigest = written.map { .init(algorithm: DiskReceive.PlatformDigest.content, value: $0) }
    return try DiskProof.make(disk: 3, of: "/backups/web", expected: expected, result: result, notes: [])
  }

  @Test func thoseWhoAgreeAreNamed() throws {
    let all = try proof(.init(digest: "a", side: .recorded), read: "a", written: "a")
    #expect(all.digest == "a" && all.sides == [.recorded, .read, .written])
    #expect(all.lines.first?.hasPrefix("verified, the same: what the catalog holds") == true)
    let alone = try proof(nil, read: "a")
    #expect(alone.sides == [.read] && alone.lines.first?.hasPrefix("not compared with anything") == true)
    #expect(try proof(nil, read: nil).lines == [])
  }

  @Test func whoDiffersTellsWhatIsWrong() throws {
    let recorded = DiskProof.Expectation(digest: "a", side: .recorded)
    func error(_ expected: DiskProof.Expectation?, _ read: String?, _ written: String? = nil) -> AscendError? {
      #expect(throws: AscendError.self) { try proof(expected, read: read, written: written) }
    }
    // The storage of the backup, or what is beyond this host.
    let rot = error(recorded, "b")
    #expect(rot?.code == "backup.contentChanged" && rot?.object == "/backups/web")
    #expect(rot?.cause == "it is b, recorded was a")
    #expect(error(recorded, "a", "b")?.code == "disk.contentDiffers")
    #expect(error(recorded, nil, "b")?.code == "disk.contentDiffers")
    #expect(error(.init(digest: "a", side: .offered), "b")?.code == "disk.contentDiffers")
    #expect(error(nil, "a", "b")?.cause?.contains("read back from the platform is b") == true)
  }
}
