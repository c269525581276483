import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Testing

@testable import AWSConnector

extension Clouds {
  /// Client tokens outlive what they were for: what somebody has removed is made again, with another token.
  struct TurnTests {
    private static let size = 4 * Images.mebibyte
    /// Seconds after which everything that was made is described. The stand-in's clock is put on by so much.
    private static let later: JSONValue = 600

    @Test func aSnapshotThatWasRemovedIsBegunAnew() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports([Self.size], host)
      let plan = try await host.plan(Requests.request(host.job, sizes: [Self.size]))
      let first = try #require(try await host.prepare(plan, 0).target["snapshot"]?.stringValue)
      try await cloud.boto("ec2.delete_snapshot(SnapshotId='\(first)')")
      try await cloud.configure(["clockOffset": Self.later])
      let second = try #require(try await host.prepare(plan, 0).target["snapshot"]?.stringValue)
      #expect(second != first)
      // Twice: the turns of both are spent.
      try await cloud.boto("ec2.delete_snapshot(SnapshotId='\(second)')")
      try await cloud.configure(["clockOffset": 800])
      let result = try await host.receive(plan, 0, TestHost.nbd(exports[0], size: Self.size), readBack: true)
      #expect(result.digest == result.platformDigest?.value)
      let third = try #require(result.disk["snapshot"]?.stringValue)
      #expect(![first, second].contains(third))
      #expect(try await host.found().map(\.remoteID) == [third])
      #expect(try await host.rollBack() == [.deleted])
    }

    /// EC2 forgets an instance that has ended within the hour, and its token a day later.
    @Test func anInstanceThatWasTerminatedIsMadeAnew() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports([Self.size], host)
      let request = Requests.request(host.job, sizes: [Self.size])
      let (machine, disks, plan) = try await host.restore(request, exports, sizes: [Self.size])
      try await cloud.configure(["forgetsTerminated": true])
      try await cloud.boto("ec2.terminate_instances(InstanceIds=['\(machine.id)'])")
      let again = try await TestHost(cloud, job: host.job, state: host.state)
      let second = try await again.create(plan, disks)
      #expect(second.id != machine.id)
      #expect(try await cloud.read("machine", second.id)["state"] == "stopped")
      #expect(try await again.rollBack() == [.deleted, .deleted, .deleted])
    }

    @Test func aVolumeThatWasRemovedIsMadeAnew() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let sizes = [Self.size, Self.size]
      let exports = try Clouds.RestoreTests.exports(sizes, host)
      let request = Requests.request(host.job, sizes: sizes, family: "windows", options: ["license": "included"])
      let plan = try await host.plan(request)
      var disks: [DiskReceive.Result] = []
      for index in 0..<2 {
        disks.append(try await host.receive(plan, index, TestHost.nbd(exports[index], size: Self.size)))
      }
      try await cloud.rules([
        ["match": "ec2.RunInstances", "times": 0, "action": "error", "status": 400, "code": "VcpuLimitExceeded"]
      ])
      #expect(await refusal { try await host.create(plan, disks) }?.reason == .quotaExceeded)
      try await cloud.rules([])
      let removed = try await cloud.boto(
        """
        rules = [{"Name": "tag:\(Mark.job)", "Values": ["\(host.job.rawValue)"]}]
        volumes = [v["VolumeId"] for v in ec2.describe_volumes(Filters=rules)["Volumes"]]
        for volume in volumes: ec2.delete_volume(VolumeId=volume)
        tell(len(volumes))
        """)
      #expect(removed == 1)
      try await cloud.configure(["clockOffset": Self.later])
      let machine = try await host.create(plan, disks)
      #expect(try await cloud.read("machine", machine.id)["disks"]?.arrayValue?.count == 2)
      #expect(try await host.rollBack().allSatisfy { $0 == .deleted || $0 == .absent })
    }
  }
}
