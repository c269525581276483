import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Transfers that break and go on, and those that send only what has changed.
  struct ResumeTests {
    private static let mebibyte = Images.mebibyte

    private func disk(_ host: TestHost, _ name: String = "disk0.raw", size: Int64, count: Int64) throws -> Export {
      let raw = host.work.file(name)
      try Images.make(raw, size: size, data: [(0, count)])
      return try Export(raw, in: host.work)
    }

    /// Blocks that were written, by how often.
    private func puts(_ cloud: AWSServer) async throws -> [String: Int] {
      var found: [String: Int] = [:]
      for request in try await cloud.requests() where request["operation"] == "PutSnapshotBlock" {
        guard request["status"] == 201, let path = request["path"]?.stringValue else { continue }
        found[path, default: 0] += 1
      }
      return found
    }

    @Test(arguments: [true, false])
    func aBrokenTransferGoesOn(_ keepsState: Bool) async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let size = 48 * Self.mebibyte
      let export = try disk(host, size: size, count: 40)
      let plan = try await host.plan(Requests.request(host.job, sizes: [size]))
      // From the 41st block on nothing is taken.
      try await cloud.rules([
        [
          "match": "ebs.PutSnapshotBlock", "skip": 40, "times": 0, "action": "error", "status": 403,
          "code": "AccessDeniedException", "message": "not any more",
        ]
      ])
      let error = await refusal { try await host.receive(plan, 0, TestHost.nbd(export, size: size)) }
      #expect(error?.reason == .permissionDenied)
      #expect(error?.details["missing"] == ["ebs:PutSnapshotBlock"])
      let checkpoint = try #require(error?.checkpoint)
      let first = try await puts(cloud)
      try await cloud.rules([])

      let second = try await TestHost(cloud, job: host.job, state: keepsState ? host.state : nil)
      let result = try await second.receive(
        plan, 0, TestHost.nbd(export, size: size), checkpoint: checkpoint, readBack: true)
      #expect(result.digest == result.platformDigest?.value)
      #expect(result.bytesSent == 40 * Self.mebibyte)
      #expect(result.bytesRead >= 40 * Self.mebibyte)
      let all = try await puts(cloud)
      let twice = all.values.filter { $0 > 1 }.count
      #expect(all.count == 80)
      if keepsState { #expect(twice == 0, "\(twice) of \(first.count) blocks were sent again") }
      let snapshot = try #require(result.disk["snapshot"]?.stringValue)
      let sent = SHA256.hex(try Data(contentsOf: URL(filePath: host.work.file("disk0.raw"))))
      #expect(try await cloud.digest(of: snapshot, sizeBytes: size) == sent)
    }

    @Test func otherContentIsNotPutIntoTheSameSnapshot() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let size = 8 * Self.mebibyte
      let plan = try await host.plan(Requests.request(host.job, sizes: [size]))
      try await cloud.rules([
        ["match": "ebs.PutSnapshotBlock", "skip": 4, "times": 0, "action": "error", "status": 403, "code": "Denied"]
      ])
      let before = try disk(host, "before.raw", size: size, count: 6)
      #expect(await refusal { try await host.receive(plan, 0, TestHost.nbd(before, size: size)) } != nil)
      try await cloud.rules([])
      let after = try disk(host, "after.raw", size: size, count: 1)
      let result = try await host.receive(plan, 0, TestHost.nbd(after, size: size, generation: "g2"), readBack: true)
      #expect(result.bytesSent == Self.mebibyte)
      #expect(result.platformDigest?.value == result.digest)
      #expect(try await host.found().filter { $0.kind == Resources.snapshot }.count == 1)
    }

    /// Where the account encrypts by default, snapshots bear its key though nobody has wished for one.
    @Test func anAccountThatEncryptsByDefaultGoesOnToo() async throws {
      let cloud = try await Clouds.server(.strict)
      let size = 4 * Self.mebibyte
      let uuid = UUID().uuidString
      try await cloud.configure(["encryptsByDefault": true])
      let first = try await TestHost(cloud)
      let export = try disk(first, size: size, count: 2)
      _ = try await first.restore(Requests.request(first.job, sizes: [size], uuid: uuid), [export], sizes: [size])
      try await first.commit()

      let second = try await TestHost(cloud, state: first.state)
      let planned = try await second.preflight(Requests.request(second.job, sizes: [size], uuid: uuid))
      let note = try #require(planned.diagnostics.first { $0.code == "disk.incremental" })
      #expect(note.summary.contains("arn:aws:kms:"))
      let result = try await second.receive(planned.plan, 0, TestHost.nbd(export, size: size), readBack: true)
      #expect(result.bytesSent == 0 && result.platformDigest?.value == result.digest)

      // Another key is another matter, and why is said.
      let key = try #require(
        try await cloud.boto("tell(boto('kms').create_key()['KeyMetadata']['Arn'])").stringValue)
      let third = try await TestHost(cloud, state: first.state)
      let other = try await third.preflight(
        Requests.request(third.job, sizes: [size], uuid: uuid, options: ["kmsKeyId": .string(key)]))
      #expect(!other.diagnostics.contains { $0.code == "disk.incremental" })
      #expect(other.diagnostics.contains { $0.code == "disk.whole" && $0.summary.contains("another key") })
    }

    /// An account that has begun to encrypt takes no parent that is not encrypted: all is sent.
    @Test func aParentThatIsRefusedIsDoneWithout() async throws {
      let cloud = try await Clouds.server(.strict)
      let size = 4 * Self.mebibyte
      let uuid = UUID().uuidString
      let first = try await TestHost(cloud)
      let export = try disk(first, size: size, count: 2)
      _ = try await first.restore(Requests.request(first.job, sizes: [size], uuid: uuid), [export], sizes: [size])
      try await first.commit()
      try await cloud.configure(["encryptsByDefault": true])
      let second = try await TestHost(cloud, state: first.state)
      let plan = try await second.plan(Requests.request(second.job, sizes: [size], uuid: uuid))
      let result = try await second.receive(plan, 0, TestHost.nbd(export, size: size), readBack: true)
      #expect(result.bytesSent == 2 * Self.mebibyte && result.platformDigest?.value == result.digest)
    }

    @Test func onlyWhatHasChangedIsSentAgain() async throws {
      let cloud = try await Clouds.server(.strict)
      let size = 16 * Self.mebibyte
      let uuid = UUID().uuidString
      let first = try await TestHost(cloud)
      let raw = first.work.file("disk0.raw")
      try Images.make(raw, size: size, data: [(0, 8)])
      let request = Requests.request(first.job, sizes: [size], uuid: uuid)
      let (_, disks, _) = try await first.restore(request, [try Export(raw, in: first.work)], sizes: [size])
      try await first.commit()

      let second = try await TestHost(cloud, state: first.state)
      let changed = second.work.file("disk0.raw")
      try FileManager.default.copyItem(atPath: raw, toPath: changed)
      // One block is other, one is zeros now, one holds data that held none.
      let file = try FileHandle(forUpdating: URL(filePath: changed))
      for (offset, byte) in [(0, UInt8(7)), (2 << 20, 0), (12 << 20, 9)] {
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(repeating: byte, count: 512 << 10))
      }
      try file.close()
      let next = Requests.request(second.job, name: "again", sizes: [size], uuid: uuid)
      let planned = try await second.preflight(next)
      #expect(planned.diagnostics.contains { $0.code == "disk.incremental" })
      try await cloud.forgetRequests()
      let result = try await second.receive(
        planned.plan, 0, TestHost.nbd(try Export(changed, in: second.work), size: size), readBack: true)
      #expect(try await cloud.count("PutSnapshotBlock") == 3)
      #expect(result.bytesSent == 3 * 512 << 10)
      #expect(result.platformDigest?.value == result.digest)
      let snapshot = try #require(result.disk["snapshot"]?.stringValue)
      #expect(snapshot != disks[0].disk["snapshot"]?.stringValue)
      let sent = SHA256.hex(try Data(contentsOf: URL(filePath: changed)))
      #expect(try await cloud.digest(of: snapshot, sizeBytes: size) == sent)
    }
  }
}
