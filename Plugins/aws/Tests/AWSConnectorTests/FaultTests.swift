import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// What AWS may answer besides what was hoped for.
  struct FaultTests {
    private static let mebibyte = Images.mebibyte
    private static let size = 12 * mebibyte

    /// A transfer against a cloud that breaks so; what comes of it.
    private func receive(
      _ cloud: AWSServer, _ rules: [[String: JSONValue]], _ more: [String: JSONValue] = [:]
    ) async throws -> DiskReceive.Result {
      let host = try await TestHost(cloud, more)
      let raw = host.work.file("disk0.raw")
      try Images.make(raw, size: Self.size, data: [(0, 10)])
      let export = try Export(raw, in: host.work)
      let plan = try await host.plan(Requests.request(host.job, sizes: [Self.size]))
      try await cloud.rules(rules)
      let result = try await host.receive(plan, 0, TestHost.nbd(export, size: Self.size), readBack: true)
      #expect(result.platformDigest?.value == result.digest)
      return result
    }

    @Test(
      arguments: [
        ["action": "error", "status": 400, "code": "RequestThrottledException", "reason": "ACCOUNT_THROTTLED"],
        ["action": "error", "status": 503, "code": "RequestLimitExceeded"],
        ["action": "error", "status": 500, "code": "InternalServerException"],
        ["action": "error", "status": 400, "code": "ValidationException", "message": "Failed to read block data"],
        ["action": "reset"], ["action": "lost"], ["action": "truncate"],
      ] as [[String: JSONValue]])
    func aTransferOutlastsWhatPasses(_ fault: [String: JSONValue]) async throws {
      let cloud = try await Clouds.server(.strict)
      _ = try await receive(cloud, [fault.merging(["match": "ebs.PutSnapshotBlock", "times": 5]) { old, _ in old }])
    }

    @Test func aSnapshotMayBeUnknownJustAfterItsStart() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.configure(["missingFor": 2])
      _ = try await receive(cloud, [])
    }

    /// This computer's clock is three minutes fast: what EBS began just now is no older for that.
    @Test func norDoesAClockThatIsFastMakeItOld() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.configure(["missingFor": 2, "clockOffset": -180])
      _ = try await receive(cloud, [])
    }

    /// The answer to CompleteSnapshot is lost, and asked again EBS says that the snapshot is not pending: it takes its
    /// time to be completed.
    @Test func anAnswerToTheEndThatWasLostIsNoFailure() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.configure(["pendingFor": 2])
      _ = try await receive(cloud, [["match": "ebs.CompleteSnapshot", "action": "lost"]])
      #expect(try await cloud.requests().contains { $0["operation"] == "CompleteSnapshot" && $0["status"] == 400 })
    }

    @Test func aCompletedSnapshotIsNotCompletedAgain() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports([Self.size], host)
      let plan = try await host.plan(Requests.request(host.job, sizes: [Self.size]))
      let source = TestHost.nbd(exports[0], size: Self.size)
      let first = try await host.receive(plan, 0, source)
      #expect(try await host.receive(plan, 0, source) == first)
      #expect(try await cloud.count("CompleteSnapshot") == 1)
    }

    @Test func anAggregateThatIsAnotherIsAFailure() async throws {
      let cloud = try await Clouds.server(.strict)
      let refused: [String: JSONValue] = [
        "match": "ebs.CompleteSnapshot", "times": 0, "action": "error", "status": 400, "code": "ValidationException",
        "message": "Checksum does not match",
      ]
      let error = await refusal { try await receive(cloud, [refused]) }
      #expect(error?.reason == .dataCorrupt)
    }

    @Test func slowAnswersAndPagesChangeNothing() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.configure(["pageSize": 7, "pendingFor": .number(1.5)])
      _ = try await receive(cloud, [["match": "ebs.PutSnapshotBlock", "times": 3, "action": "delay", "seconds": 1]])
    }

    @Test func keysThatExpireInMidUploadAreRenewed() async throws {
      let cloud = try await Clouds.server(.strict)
      let expired: [String: JSONValue] = [
        "match": "ebs.PutSnapshotBlock", "skip": 5, "times": 1, "action": "error", "status": 403,
        "code": "ExpiredTokenException",
      ]
      _ = try await receive(cloud, [expired], ["roleArn": "arn:aws:iam::123456789012:role/restore"])
      #expect(try await cloud.count("AssumeRole") == 2)
    }

    @Test func aSnapshotInErrorIsSaidAndBegunAnew() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let raw = host.work.file("disk0.raw")
      try Images.make(raw, size: Self.size, data: [(0, 2)])
      let export = try Export(raw, in: host.work)
      let plan = try await host.plan(Requests.request(host.job, sizes: [Self.size]))
      let text = """
        <DescribeSnapshotsResponse><snapshotSet><item><snapshotId>%</snapshotId><status>error</status>
        <statusMessage>the key is disabled</statusMessage><volumeSize>1</volumeSize><tagSet/></item></snapshotSet>
        </DescribeSnapshotsResponse>
        """
      let prepared = try await host.change(DiskPrepare(op: TestHost.op, job: host.job, plan: plan, index: 0))
      let id = try #require(prepared.target["snapshot"]?.stringValue)
      try await cloud.rules([
        [
          "match": "ec2.DescribeSnapshots", "skip": 1, "times": 0, "action": "answer", "type": "text/xml",
          "body": .string(text.replacing("%", with: id)),
        ]
      ])
      let error = await refusal { try await host.receive(plan, 0, TestHost.nbd(export, size: Self.size)) }
      #expect(error?.reason == .platformTaskFailed)
      #expect(error?.message.contains("the key is disabled") == true)
      #expect(error?.remedy?.contains("kms:CreateGrant") == true)
      try await cloud.rules([])
      let before = try await cloud.inventory()
      #expect(try await host.rollBack() == [.deleted])
      #expect(try await cloud.inventory()["snapshots"] != before["snapshots"])
    }

    @Test func whereThereIsNoCapacityTheNextTypeIsTried() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud, ["instanceType": ""])
      let (plan, disks) = try await sent(host)
      let types = try PlanState.read(plan).instanceTypes
      #expect(types.count >= 3)
      let none: [String: JSONValue] = [
        "match": "ec2.RunInstances", "times": 2, "action": "error", "status": 500,
        "code": "InsufficientInstanceCapacity", "message": "none left",
      ]
      try await cloud.rules([none])
      let machine = try await host.create(plan, disks)
      #expect(try await cloud.read("machine", machine.id)["type"]?.stringValue == types[2])
      #expect(try await host.rollBack() == [.deleted, .deleted, .deleted])
    }

    /// EC2 takes a launch, finds no room, and ends the instance.
    @Test func whereThereWasNoCapacityAfterAllTheNextTypeIsTried() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud, ["instanceType": ""])
      let (plan, disks) = try await sent(host)
      let types = try PlanState.read(plan).instanceTypes
      try await cloud.configure(["launchFails": 1])
      let machine = try await host.create(plan, disks)
      #expect(try await cloud.read("machine", machine.id)["type"]?.stringValue == types[1])
      #expect(try await host.rollBack() == [.deleted, .deleted, .deleted])
    }

    @Test func capacityThatIsLostBeforeTheStartIsNoEnd() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud, ["instanceType": ""])
      let (plan, disks) = try await sent(host)
      let types = try PlanState.read(plan).instanceTypes
      let machine = try await host.create(plan, disks)
      let none: [String: JSONValue] = [
        "match": "ec2.StartInstances", "times": 2, "action": "error", "status": 500,
        "code": "InsufficientInstanceCapacity", "message": "none left",
      ]
      try await cloud.rules([none])
      #expect(try await host.power(machine, .on) == .on)
      let seen = try await cloud.read("machine", machine.id)
      #expect(seen["type"]?.stringValue == types[2] && seen["state"] == "running")
      #expect(try await host.power(machine, .off) == .off)
      // No type has room: that is said, and the machine stays.
      try await cloud.rules([none.merging(["times": 0]) { _, new in new }])
      let error = await refusal { try await host.power(machine, .on) }
      #expect(error?.reason == .capacityExhausted && error?.remedy?.contains("another instance type") == true)
      #expect(try await cloud.read("machine", machine.id)["state"] == "stopped")
      try await cloud.rules([])
      try await host.commit()
      let kept = try await cloud.read("machine", machine.id)["tags"]?.objectValue?.keys.sorted()
      #expect(kept == ["Name"])
    }

    @Test(arguments: [
      ("InsufficientInstanceCapacity", ErrorReason.capacityExhausted, "another zone"),
      ("VcpuLimitExceeded", .quotaExceeded, "Service Quotas"), ("InstanceLimitExceeded", .quotaExceeded, "quota"),
      ("UnauthorizedOperation", .permissionDenied, "README"),
    ])
    func anInstanceThatCannotBeIsRolledBack(_ code: String, _ reason: ErrorReason, _ remedy: String) async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let host = try await TestHost(cloud)
      let (plan, disks) = try await sent(host)
      let status: JSONValue = code == "UnauthorizedOperation" ? 403 : 400
      try await cloud.rules([
        ["match": "ec2.RunInstances", "times": 0, "action": "error", "status": status, "code": .string(code)]
      ])
      let error = await refusal { try await host.create(plan, disks) }
      #expect(error?.reason == reason)
      #expect(error?.remedy?.contains(remedy) == true, "\(error?.remedy ?? "")")
      #expect(try await host.rollBack() == [.deleted, .deleted])
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
    }

    @Test func anAnswerThatWasLostMakesNoSecondInstance() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let (plan, disks) = try await sent(host)
      let before = try await cloud.inventory()
      try await cloud.rules([
        ["match": "ec2.RegisterImage", "action": "lost"], ["match": "ec2.RunInstances", "action": "lost"],
      ])
      _ = try await host.create(plan, disks)
      let left = try await cloud.inventory()
      for kind in ["instances", "images"] {
        #expect(left[kind]?.arrayValue?.count == (before[kind]?.arrayValue?.count ?? 0) + 1)
      }
      #expect(try await host.rollBack() == [.deleted, .deleted, .deleted])
    }

    private func sent(_ host: TestHost) async throws -> (PlanPreflight.Plan, [DiskReceive.Result]) {
      let raw = host.work.file("disk0.raw")
      try Images.make(raw, size: 2 * Self.mebibyte, data: [(0, 1)])
      let export = try Export(raw, in: host.work)
      let plan = try await host.plan(Requests.request(host.job, sizes: [2 * Self.mebibyte]))
      return (plan, [try await host.receive(plan, 0, TestHost.nbd(export, size: 2 * Self.mebibyte))])
    }
  }
}
