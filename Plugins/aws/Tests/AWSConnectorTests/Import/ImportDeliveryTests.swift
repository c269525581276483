import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Disks that go through a bucket and VM Import.
  struct ImportDeliveryTests {
    private static let mebibyte = Images.mebibyte

    @Test func twoDisksBecomeAnInstanceByTheBucket() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let before = try await cloud.inventory()
      let imported = try await ImportScene.imported(cloud)
      let host = try await ImportScene.host(cloud)
      let sizes = [9 * Self.mebibyte + 1024, 12 * Self.mebibyte]
      let exports = try Clouds.RestoreTests.exports(sizes, host)
      let request = Requests.request(host.job, sizes: sizes)
      let planned = try await host.preflight(request)
      let note = try #require(planned.diagnostics.first { $0.code == "delivery.import" })
      #expect(note.summary.contains(ImportScene.bucket) && note.summary.contains("vmimport"))
      let estimate = try await host.harness.request(PlanEstimate(plan: planned.plan))
      #expect(estimate.items.contains { $0.what.contains("bucket") && $0.unit == "once" && $0.amount >= 0 })
      let prepared = try await host.change(DiskPrepare(op: TestHost.op, job: host.job, plan: planned.plan, index: 0))
      #expect(prepared.ingest.want == "nbd")

      let (machine, disks, _) = try await host.restore(request, exports, sizes: sizes)
      for (index, disk) in disks.enumerated() {
        let snapshot = try #require(disk.disk["snapshot"]?.stringValue)
        let digest = try await cloud.digest(of: snapshot, sizeBytes: sizes[index])
        #expect(digest == SHA256.hex(try Data(contentsOf: URL(filePath: host.work.file("disk\(index).raw")))))
      }
      // Random data, a little more by what holds it together; zeros are not sent.
      #expect((3 * Self.mebibyte..<4 * Self.mebibyte).contains(disks[0].bytesSent))
      #expect(disks[0].bytesSkipped >= 5 * Self.mebibyte)
      let seen = try await cloud.read("machine", machine.id)
      let volumes = seen["disks"]?.arrayValue ?? []
      #expect(Set(volumes.compactMap { $0["snapshot"] }) == Set(disks.compactMap { $0.disk["snapshot"] }))
      let now = try await cloud.inventory()
      #expect(now["objects"] == before["objects"] && now["uploads"] == before["uploads"])
      #expect(try await cloud.count("PutSnapshotBlock") == 0)
      try await cloud.checkRequests()

      #expect(try await host.rollBack() == [.deleted, .deleted, .deleted, .deleted])
      #expect(try await host.rollBack() == [])
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      #expect(try await ImportScene.imported(cloud) == imported)
    }

    @Test func committedItLeavesNothingOfTheWay() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      let result = try await scene.receive()
      _ = try await scene.host.create(scene.plan, [result])
      try await scene.host.commit()
      #expect(try await scene.host.found().isEmpty)
      // The next restore of the machine does not go on from it: what its blocks are is known to nobody here.
      let next = try await ImportScene.host(cloud, state: scene.host.state)
      let planned = try await next.preflight(Requests.request(next.job, sizes: [scene.size]))
      #expect(!planned.diagnostics.contains { $0.code == "disk.incremental" })
    }

    @Test func anotherProcessSendsNothingASecondTime() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      let first = try await scene.receive()
      #expect(first.platformDigest?.value == first.digest)
      try await cloud.forgetRequests()
      #expect(try await scene.receive(on: scene.again()) == first)
      for operation in ["CreateMultipartUpload", "UploadPart", "ImportSnapshot"] {
        #expect(try await cloud.count(operation) == 0, "\(operation)")
      }
    }

    @Test func otherContentGetsASnapshotOfItsOwn() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      let first = try await scene.receive()
      let raw = scene.host.work.file("other.raw")
      try Images.make(raw, size: scene.size, data: [(2, 1)])
      let other = TestHost.nbd(try Export(raw, in: scene.host.work), size: scene.size, generation: "g2")
      let second = try await scene.host.receive(scene.plan, 0, other, readBack: true)
      #expect(second.digest != first.digest && second.platformDigest?.value == second.digest)
      #expect(try await scene.host.found().map(\.remoteID) == [second.disk["snapshot"]?.stringValue])
      #expect(try await scene.host.rollBack() == [.deleted])
    }

    /// moto has no VM Import: what reaches the bucket there is looked at with boto3 and qemu-img.
    @Test func theImageInTheBucketIsTheDisk() async throws {
      let cloud = try await Clouds.server(.moto)
      let scene = try await ImportScene(cloud)
      try await cloud.rules([
        [
          "match": "ec2.DescribeImportSnapshotTasks", "times": 0, "action": "answer", "type": "text/xml",
          "body": "<DescribeImportSnapshotTasksResponse><importSnapshotTaskSet/></DescribeImportSnapshotTasksResponse>",
        ],
        ["match": "ec2.ImportSnapshot", "times": 0, "action": "error", "status": 403, "code": "UnauthorizedOperation"],
      ])
      let error = await refusal { try await scene.receive() }
      #expect(error?.reason == .permissionDenied)
      #expect(error?.details["missing"] == ["ec2:ImportSnapshot"])
      let found = try await scene.host.found()
      #expect(found.map(\.kind) == [Resources.object])
      let key = try #require(found.first?.remoteID)
      let image = scene.host.work.file("image.vmdk")
      try await cloud.boto("boto('s3').download_file('\(ImportScene.bucket)', '\(key)', '\(image)')")
      let told = try await tool("qemu-img", ["info", "-f", "vmdk", "--output=json", image])
      #expect(told.output.contains("streamOptimized"))
      let compared = try await tool("qemu-img", ["compare", "-f", "vmdk", "-F", "raw", image, scene.raw])
      #expect(compared.code == 0, "\(compared.output)\(compared.error)")
      try await cloud.checkRequests()
      #expect(try await scene.host.rollBack() == [.deleted])
      let left = try await cloud.inventory()
      #expect(left["objects"] == [] && left["uploads"] == [])
    }

    @Test func whatCannotBeImportedIsSaidBefore() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let host = try await TestHost(cloud, ["delivery": "import", "bucket": "nobody-has-this"])
      let unknown = try await host.preflight(Requests.request(host.job, sizes: [9 << 40]))
      let codes = unknown.diagnostics.filter { $0.severity == .blocker }.map(\.code)
      #expect(Set(codes) == ["bucket.unknown", "disk.importTooLarge"])
      let other = try await ImportScene.host(cloud)
      try await cloud.rules([
        [
          "match": "s3.GetBucketLocation", "action": "answer", "type": "application/xml",
          "body": "<LocationConstraint>eu-west-1</LocationConstraint>",
        ],
        ["match": "s3.GetBucketLocation", "action": "error", "status": 403, "code": "AccessDenied"],
      ])
      let far = try await other.preflight(Requests.request(other.job, sizes: [1 << 30]))
      #expect(far.diagnostics.contains { $0.code == "bucket.region" && $0.summary.contains("eu-west-1") })
      let hidden = try await other.preflight(Requests.request(other.job, sizes: [1 << 30]))
      #expect(hidden.diagnostics.contains { $0.code == "bucket.unchecked" && $0.severity == .warning })
    }

    @Test func theRightsForItAreChecked() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let host = try await ImportScene.host(cloud)
      let good = try await host.harness.request(SessionCheck())
      #expect(good.state == .ready, "\(good.diagnostics.map(\.summary))")
      try await cloud.rules([
        ["match": "ec2.ImportSnapshot", "times": 0, "action": "error", "status": 403, "code": "UnauthorizedOperation"],
        ["match": "s3.ListMultipartUploads", "times": 0, "action": "error", "status": 403, "code": "AccessDenied"],
      ])
      let bad = try await host.harness.request(SessionCheck())
      #expect(
        Set(bad.diagnostics.filter { $0.severity == .blocker }.map(\.summary)) == [
          "The account may not ec2:ImportSnapshot.", "The account may not s3:ListBucketMultipartUploads.",
        ])
    }
  }
}
