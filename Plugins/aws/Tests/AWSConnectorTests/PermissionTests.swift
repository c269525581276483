import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Testing

@testable import AWSConnector

struct PermissionTableTests {
  @Test func everyPermissionIsAskedForOrCannotBe() {
    for permission in Permissions.all.map(\.name) {
      let isAsked = PermissionProbes.ask(permission) != nil
      let why = PermissionProbes.unasked[permission]
      #expect(isAsked == (why == nil), "\(permission): asked for: \(isAsked), otherwise \(why ?? "no reason")")
    }
    #expect(Set(PermissionProbes.unasked.keys).isSubset(of: Permissions.all.map(\.name)))
  }

  @Test func eachDeliveryHasItsOwn() throws {
    func named(_ name: String) throws -> CapabilityDocument.Permission {
      try #require(Permissions.all.first { $0.name == name })
    }
    let (put, cancel, import1) = (
      try named("ebs:PutSnapshotBlock"), try named("ec2:CancelImportTask"), try named("ec2:ImportSnapshot")
    )
    #expect(Permissions.isNeeded(put, imports: false) && !Permissions.isRelevant(put, imports: true))
    #expect(Permissions.isNeeded(import1, imports: true) && !Permissions.isRelevant(import1, imports: false))
    #expect(Permissions.isNeeded(cancel, imports: true))
    #expect(Permissions.isRelevant(cancel, imports: false) && !Permissions.isNeeded(cancel, imports: false))
  }
}

extension Clouds {
  struct PermissionTests {
    /// One that is needed, one of another service, one that only some restores need.
    @Test func whatIsMissingIsNamed() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let denied: [JSONValue] = ["ec2.DeleteVolume", "ec2.DescribeInstanceStatus", "ec2.CreateVolume"]
      let blocks: [JSONValue] = ["ebs.PutSnapshotBlock", "ebs.CompleteSnapshot"]
      try await cloud.rules(
        denied.map { ["match": $0, "times": 0, "action": "error", "status": 403, "code": "UnauthorizedOperation"] }
          + blocks.map { ["match": $0, "times": 0, "action": "error", "status": 403, "code": "AccessDeniedException"] })
      let check = try await host.harness.request(SessionCheck())
      #expect(check.state == .degraded)
      let missing = check.diagnostics.filter { $0.code == "permission.missing" }
      #expect(
        missing.filter { $0.severity == .blocker }.map(\.summary) == [
          "The account may not ec2:DescribeInstanceStatus.", "The account may not ebs:PutSnapshotBlock.",
          "The account may not ebs:CompleteSnapshot.", "The account may not ec2:DeleteVolume.",
        ])
      #expect(
        missing.filter { $0.severity == .warning }.map(\.summary) == [
          "The account may not ec2:CreateVolume, needed where an image is imported."
        ])
    }

    @Test func whatIsNotToldIsNoPermission() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      try await cloud.rules([
        [
          "match": "ec2.TerminateInstances", "times": 0, "action": "error", "status": 503,
          "code": "RequestLimitExceeded",
        ]
      ])
      let check = try await host.harness.request(SessionCheck())
      #expect(check.state == .ready, "\(check.diagnostics.map(\.summary))")
      let untold = check.diagnostics.first { $0.code == "permission.untold" }
      #expect(untold?.severity == .note && untold?.summary.contains("ec2:TerminateInstances") == true)
    }

    @Test func theImportDeliveryIsAskedAboutItsOwn() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let host = try await ImportScene.host(cloud)
      try await cloud.rules([
        [
          "match": "ec2.CancelImportTask", "times": 0, "action": "error", "status": 403,
          "code": "UnauthorizedOperation",
        ],
        ["match": "s3.ListParts", "times": 0, "action": "error", "status": 403, "code": "AccessDenied"],
      ])
      let check = try await host.harness.request(SessionCheck())
      #expect(
        check.diagnostics.filter { $0.severity == .blocker }.map(\.summary) == [
          "The account may not s3:ListMultipartUploadParts.", "The account may not ec2:CancelImportTask.",
        ])
      #expect(try await cloud.count("PutSnapshotBlock") == 0)
    }
  }
}
