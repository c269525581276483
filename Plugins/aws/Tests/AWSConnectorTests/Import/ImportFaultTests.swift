import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Imports that break, are taken up again, cancelled, or given up.
  struct ImportFaultTests {
    /// Three parts, and one from whose second on nothing is taken.
    private static let large: Int64 = 40
    private static let refusing: [String: JSONValue] = [
      "match": "s3.UploadPart", "skip": 1, "times": 0, "action": "error", "status": 403, "code": "AccessDenied",
    ]

    @Test(arguments: [true, false])
    func aBrokenUploadGoesOn(_ hasCheckpoint: Bool) async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud, mebibytes: Self.large)
      try await cloud.rules([Self.refusing])
      let error = await refusal { try await scene.receive() }
      #expect(error?.reason == .permissionDenied)
      #expect(error?.details["missing"] == ["s3:PutObject"])
      let checkpoint = try #require(error?.checkpoint)
      try await cloud.rules([])
      let result = try await scene.receive(on: scene.again(), checkpoint: hasCheckpoint ? checkpoint : nil)
      #expect(result.platformDigest?.value == result.digest)
      let parts = try await scene.parts()
      // The answer to one may have been on its way when another was refused: that one is sent again, and no other.
      #expect(parts.count == 3 && parts.values.reduce(0, +) <= 4, "\(parts)")
      let snapshot = try #require(result.disk["snapshot"]?.stringValue)
      #expect(try await cloud.digest(of: snapshot, sizeBytes: scene.size) == scene.digest)
      #expect(try await scene.host.rollBack() == [.deleted])
    }

    @Test func anUploadThatWasGivenUpIsBegunAnew() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud, mebibytes: Self.large)
      try await cloud.rules([Self.refusing])
      let error = await refusal { try await scene.receive() }
      let checkpoint = try #require(error?.checkpoint)
      try await cloud.rules([])
      #expect(try await scene.host.rollBack() == [.deleted])
      #expect(await refusal { try await scene.receive(checkpoint: checkpoint) }?.reason == .staleCheckpoint)
      let result = try await scene.receive()
      #expect(result.platformDigest?.value == result.digest)
      #expect(try await scene.host.rollBack() == [.deleted])
    }

    @Test(arguments: ["UploadPart", "CompleteMultipartUpload", "ImportSnapshot"])
    func whatPassesIsOutlasted(_ operation: String) async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      let service = operation == "ImportSnapshot" ? "ec2" : "s3"
      try await cloud.rules([
        ["match": .string("\(service).\(operation)"), "action": "error", "status": 503, "code": "SlowDown"],
        ["match": .string("\(service).\(operation)"), "action": "lost"],
        ["match": .string("\(service).\(operation)"), "action": "reset"],
      ])
      let result = try await scene.receive()
      #expect(result.platformDigest?.value == result.digest)
      let left = try await cloud.inventory()
      #expect(left["objects"] == [] && left["uploads"] == [])
      #expect(try await scene.host.rollBack() == [.deleted])
    }

    @Test func cancelledInTheUploadItIsGivenUp() async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let scene = try await ImportScene(cloud, mebibytes: Self.large, bytesPerSecond: 4 << 20)
      let error = try await scene.cancelled(after: "UploadPart")
      #expect(error?.reason == .cancelled)
      #expect(error?.checkpoint != nil)
      #expect(try await scene.host.found().map(\.kind) == [Resources.upload])
      #expect(try await scene.host.rollBack() == [.deleted])
      #expect(try await scene.host.rollBack() == [])
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
    }

    @Test func cancelledInTheImportItIsGivenUp() async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let imported = try await ImportScene.imported(cloud)
      try await cloud.configure(["importPolls": 100_000])
      let scene = try await ImportScene(cloud)
      #expect(try await scene.cancelled(after: "ImportSnapshot")?.reason == .cancelled)
      #expect(try await scene.host.found().map(\.kind) == [Resources.object, Resources.importTask])
      // Another job has nothing to do with it.
      let other = try await ImportScene.host(cloud)
      let states = try await other.delete(scene.host.found()).map(\.state)
      #expect(!states.contains(.deleted))
      #expect(try await scene.host.rollBack() == [.deleted, .deleted])
      #expect(try await scene.host.rollBack() == [])
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      #expect(try await ImportScene.imported(cloud) == imported)
    }

    /// As where the connector dies between the end of an import and its mark on the snapshot.
    @Test(arguments: [true, false])
    func aSnapshotWithoutAMarkIsNotLost(_ goesOn: Bool) async throws {
      let cloud = try await Clouds.server(.strict)
      let imported = try await ImportScene.imported(cloud)
      let scene = try await ImportScene(cloud)
      try await cloud.rules([
        ["match": "ec2.CreateTags", "times": 0, "action": "error", "status": 403, "code": "UnauthorizedOperation"]
      ])
      #expect(await refusal { try await scene.receive() }?.reason == .permissionDenied)
      try await cloud.rules([])
      #expect(try await ImportScene.imported(cloud) != imported)
      if goesOn {
        let result = try await scene.receive(on: scene.again())
        #expect(result.platformDigest?.value == result.digest)
        #expect(try await cloud.count("ImportSnapshot") == 1)
        #expect(try await scene.host.rollBack() == [.deleted])
      } else {
        #expect(try await scene.host.rollBack() == [.deleted, .deleted])
      }
      #expect(try await ImportScene.imported(cloud) == imported)
    }

    @Test func anImportThatFailsSaysWhyAndUsesTheImageAgain() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      try await cloud.configure(["importFails": "ClientError: Disk validation failed"])
      let error = await refusal { try await scene.receive() }
      #expect(error?.reason == .platformTaskFailed)
      #expect(error?.message.contains("Disk validation failed") == true)
      let checkpoint = try #require(error?.checkpoint)
      #expect(try await scene.host.found().map(\.kind) == [Resources.object])
      try await cloud.configure(["importFails": .null])
      try await cloud.forgetRequests()
      let result = try await scene.receive(on: scene.again(), checkpoint: checkpoint)
      #expect(result.platformDigest?.value == result.digest)
      #expect(try await cloud.count("UploadPart") == 0)
      #expect(try await scene.host.rollBack() == [.deleted])
    }

    @Test func withoutTheRoleItSaysSo() async throws {
      let cloud = try await Clouds.server(.strict)
      let scene = try await ImportScene(cloud)
      try await cloud.configure(["vmimport": false])
      let error = await refusal { try await scene.receive() }
      #expect(error?.reason == .permissionDenied)
      #expect(error?.remedy?.contains("role vmimport") == true)
      #expect(try await scene.host.rollBack() == [.deleted])
    }
  }
}
