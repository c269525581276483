import AWSClient
import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Snapshots that boto3 has made, read as disks.
  struct SourceTests {
    private static let gibibyte: Int64 = 1 << 30
    private static let block: Int64 = 512 << 10

    /// A raw image of 1 GiB with data at these offsets in MiB, and the snapshot that boto3 makes of it.
    private func snapshot(
      _ cloud: AWSServer, _ scratch: Scratch, _ name: String, data: [(at: Int64, count: Int64)]
    ) async throws -> (id: String, image: String) {
      let image = scratch.file(name)
      try Images.make(image, size: Self.gibibyte, data: data)
      let made = try await tool(
        AWSServer.python,
        [
          AWSServer.endpoints + "/make_snapshot.py", cloud.url, cloud.keys.accessKeyId, cloud.keys.secretAccessKey,
          image,
        ])
      guard made.code == 0 else { throw ChildFailure(made.error) }
      try await cloud.forgetRequests()
      return (made.output.trimmingCharacters(in: .whitespacesAndNewlines), image)
    }

    private func open(
      _ host: TestHost, _ addresses: [String], _ folder: Scratch
    ) async throws -> SourceOpen.Result {
      try await host.harness.request(SourceOpen(addresses: addresses, folder: folder.path))
    }

    private func uri(_ index: Int, _ folder: Scratch) -> String {
      "nbd+unix:///?socket=" + SourceOpen.socket(index, in: folder.path)
    }

    @Test(arguments: [AWSServer.Kind.moto, .strict])
    func aSnapshotIsReadByteForByteAndOnlyWhereItHoldsData(_ kind: AWSServer.Kind) async throws {
      let cloud = try await Clouds.server(kind)
      let scratch = try Scratch()
      let (id, image) = try await snapshot(cloud, scratch, "disk.raw", data: [(0, 2), (500, 3), (1023, 1)])
      let host = try await TestHost(cloud)
      try await cloud.forgetRequests()
      let opened = try await open(host, ["ebs://\(id)"], scratch)
      #expect(opened.disks.map(\.name) == [id])
      #expect(opened.disks.map(\.sizeBytes) == [Self.gibibyte])
      // Opening fetches nothing.
      #expect(try await cloud.count("GetSnapshotBlock") == 0)
      let compared = try await tool(
        "qemu-img", ["compare", "-f", "raw", "-F", "raw", uri(0, scratch), image])
      #expect(compared.output.contains("Images are identical"), "\(compared)")
      // Six MiB, two blocks each, each of them once: the rest of the gibibyte was not asked for.
      #expect(try await cloud.count("GetSnapshotBlock") == 12)
      #expect(try await cloud.count("ListSnapshotBlocks") == 1)
      if kind == .strict { try await cloud.checkRequests() }
      // Another process gives the same disk the same name.
      let again = try await open(try await TestHost(cloud), ["ebs://\(id)"], try Scratch())
      #expect(again.disks == opened.disks)
    }

    @Test func severalSnapshotsAreTheDisksOfOneMachine() async throws {
      let cloud = try await Clouds.server(.strict)
      let scratch = try Scratch()
      let first = try await snapshot(cloud, scratch, "a.raw", data: [(1, 1)])
      let second = try await snapshot(cloud, scratch, "b.raw", data: [(7, 2)])
      let third = try await snapshot(cloud, scratch, "c.raw", data: [(9, 1)])
      let host = try await TestHost(cloud)
      let opened = try await open(host, ["ebs://\(first.id),\(second.id)", "ebs://\(third.id)"], scratch)
      #expect(opened.disks.map(\.name) == [first.id, second.id, third.id])
      for (index, image) in [first.image, second.image, third.image].enumerated() {
        let compared = try await tool(
          "qemu-img", ["compare", "-f", "raw", "-F", "raw", uri(index, scratch), image])
        #expect(compared.output.contains("Images are identical"), "\(compared)")
      }
      _ = try await host.harness.request(SourceClose(folder: scratch.path))
      #expect(!FileManager.default.fileExists(atPath: SourceOpen.socket(0, in: scratch.path)))
      // What is not open is no error.
      _ = try await host.harness.request(SourceClose(folder: scratch.path))
    }

    @Test func listingIsLazyAndTokensAreRenewed() async throws {
      let cloud = try await Clouds.server(.strict)
      let scratch = try Scratch()
      let (id, image) = try await snapshot(cloud, scratch, "disk.raw", data: [(0, 150), (900, 20)])
      try await cloud.configure(["pageSize": 100])
      let host = try await TestHost(cloud)
      _ = try await open(host, ["ebs://\(id)"], scratch)
      #expect(try await cloud.count("ListSnapshotBlocks") == 1)
      // Tokens that EBS takes no more, and a connection that breaks, in the middle of reading.
      try await cloud.rules([
        [
          "match": "ebs.GetSnapshotBlock", "skip": 40, "times": 3, "action": "error", "status": 400,
          "code": "ValidationException", "reason": "INVALID_BLOCK_TOKEN",
        ], ["match": "ebs.GetSnapshotBlock", "skip": 100, "times": 2, "action": "reset"],
        ["match": "ebs.GetSnapshotBlock", "skip": 120, "times": 1, "action": "truncate"],
      ])
      let compared = try await tool(
        "qemu-img", ["compare", "-f", "raw", "-F", "raw", uri(0, scratch), image])
      #expect(compared.output.contains("Images are identical"), "\(compared)")
      // 340 blocks, and those that failed.
      #expect((340...352).contains(try await cloud.count("GetSnapshotBlock")))
      #expect(try await cloud.count("ListSnapshotBlocks") > 4)
    }

    @Test func aBlockThatIsNotWhatItsChecksumSaysIsNeverServed() async throws {
      let cloud = try await Clouds.server(.strict)
      let scratch = try Scratch()
      let (id, image) = try await snapshot(cloud, scratch, "disk.raw", data: [(3, 1)])
      let host = try await TestHost(cloud)
      _ = try await open(host, ["ebs://\(id)"], scratch)
      // A single time is put right by asking again; for ever is an error.
      let rule: [String: JSONValue] = [
        "match": "ebs.GetSnapshotBlock", "action": "answer", "status": 200, "body": "not a block",
      ]
      try await cloud.rules([rule.merging(["times": 1]) { _, new in new }])
      let good = try await tool("qemu-img", ["compare", "-f", "raw", "-F", "raw", uri(0, scratch), image])
      #expect(good.output.contains("Images are identical"), "\(good)")
      let folder = try Scratch()
      _ = try await open(host, ["ebs://\(id)"], folder)
      try await cloud.rules([rule.merging(["times": 0]) { _, new in new }])
      let bad = try await tool("qemu-img", ["compare", "-f", "raw", "-F", "raw", uri(0, folder), image])
      #expect(bad.code > 1, "\(bad)")
      try await cloud.rules([])
    }

    @Test func whatCannotBeReadIsSaidWhenItIsOpened() async throws {
      let cloud = try await Clouds.server(.strict)
      let scratch = try Scratch()
      let host = try await TestHost(cloud)
      func reason(_ address: String) async -> ConnectorError? {
        await refusal { try await open(host, [address], scratch) }
      }
      for wrong in ["ebs://", "ebs://vol-0123456789abcdef0", "s3://snap-0123456789abcdef0", "ebs://snap-0123/../x"] {
        #expect(await reason(wrong)?.reason == .invalidParams, "\(wrong)")
      }
      #expect(await reason("ebs://snap-0123456789abcdef0,snap-0123456789abcdef0")?.reason == .invalidParams)
      #expect(await reason("ebs://snap-00000000000000000")?.reason == .notFound)
      let pending = try await cloud.boto(
        """
        tell(boto("ebs").start_snapshot(VolumeSize=1, Description="still being written")["SnapshotId"])
        """)
      let waiting = await reason("ebs://\(pending.stringValue ?? "")")
      #expect(waiting?.reason == .platformUnavailable)
      #expect(waiting?.message.contains("not complete") == true)
      let (id, _) = try await snapshot(cloud, scratch, "disk.raw", data: [(3, 1)])
      try await cloud.rules([
        [
          "match": "ebs.ListSnapshotBlocks", "times": 0, "action": "error", "status": 403,
          "code": "AccessDeniedException", "reason": "UNAUTHORIZED_ACCOUNT",
        ]
      ])
      let denied = await reason("ebs://\(id)")
      #expect(denied?.reason == .permissionDenied)
      #expect(denied?.details["missing"] == ["ebs:ListSnapshotBlocks"])
      try await cloud.rules([])
      #expect(!FileManager.default.fileExists(atPath: SourceOpen.socket(0, in: scratch.path)))
    }
  }
}

/// What is known of a snapshot's blocks, without a service.
struct SnapshotListingTests {
  /// Blocks 10 to 19 and 5,000 to 5,099, in pages of at most `page`.
  private func listing(page: Int, asked: Asked = Asked()) -> SnapshotListing {
    let stored = Array(Int64(10)..<20) + Array(Int64(5000)..<5100)
    return SnapshotListing(snapshot: "snap-1", blockCount: 10_000) { from, _ in
      await asked.note(from)
      let rest = stored.filter { $0 >= from }
      return EBS.Listing(blocks: rest.prefix(page).map { ($0, "t\($0)") }, isLast: rest.count <= page)
    }
  }

  actor Asked {
    private(set) var places: [Int64] = []
    func note(_ place: Int64) { places.append(place) }
  }

  @Test func runsAreThoseOfTheBlocks() async throws {
    let listing = listing(page: 7)
    var index: Int64 = 0
    var stored: [Int64] = []
    while index < 10_000 {
      let run = try await listing.run(from: index)
      if run.isStored { stored += Array(index..<index + run.count) }
      index += run.count
    }
    #expect(index == 10_000)
    #expect(stored == Array(10..<20) + Array(5000..<5100))
  }

  @Test func beginsWhereSomebodyReads() async throws {
    let asked = Asked()
    let listing = listing(page: 50, asked: asked)
    #expect(try await listing.token(of: 5050) == "t5050")
    #expect(await asked.places == [5050])
    #expect(try await listing.run(from: 5060).isStored)
    #expect(await asked.places == [5050])
    await listing.forgetTokens(around: 5060)
    #expect(try await listing.token(of: 5060) == "t5060")
    // The map is still known; only the tokens were listed again.
    #expect(await asked.places == [5050, 5060])
  }

  @Test func whatIsNoListingIsRefused() async throws {
    for blocks in [[(5, "a"), (5, "b")], [(20_000, "a")]] as [[(Int64, String)]] {
      let listing = SnapshotListing(snapshot: "snap-1", blockCount: 10_000) { _, _ in
        EBS.Listing(blocks: blocks.map { (index: $0.0, token: $0.1) }, isLast: true)
      }
      await #expect(throws: ConnectorError.self) { try await listing.run(from: 0) }
    }
  }
}
