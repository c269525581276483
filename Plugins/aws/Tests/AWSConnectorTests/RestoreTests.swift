import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Whole restores; what came of them is read by boto3.
  struct RestoreTests {
    private static let mebibyte = Images.mebibyte

    @Test(arguments: [AWSServer.Kind.moto, .strict])
    func twoDisksBecomeAnInstance(_ kind: AWSServer.Kind) async throws {
      let cloud = try await Clouds.server(kind)
      let place = try await Self.place(cloud)
      let before = try await cloud.inventory()
      let host = try await TestHost(cloud, ["keyName": "operator"])
      let sizes = [9 * Self.mebibyte + 1024, 12 * Self.mebibyte]
      let exports = try Self.exports(sizes, host)
      let request = Requests.request(
        host.job, sizes: sizes, firmware: .uefi,
        nics: [.init(index: 0, network: "office"), .init(index: 1, network: "backup")],
        mapping: Mapping(
          networks: ["*": place.subnet], storage: ["1": "gp2"], tags: ["owner": "accounting"],
          nics: ["0": NICMapping(addresses: [place.address], options: ["securityGroupIds": [.string(place.group)]])],
          disks: ["0": DiskMapping(options: ["iops": 4000, "throughput": 250])]),
        options: ["keyName": "operator"])
      let (machine, disks, _) = try await host.restore(request, exports, sizes: sizes)

      for (index, disk) in disks.enumerated() {
        let snapshot = try #require(disk.disk["snapshot"]?.stringValue)
        let digest = try await cloud.digest(of: snapshot, sizeBytes: sizes[index])
        #expect(digest == SHA256.hex(try Data(contentsOf: URL(filePath: host.work.file("disk\(index).raw")))))
      }
      #expect(disks[0].bytesSkipped == 6 * Self.mebibyte + 1024)
      #expect(disks[0].bytesSent == 3 * Self.mebibyte)

      let seen = try await cloud.read("machine", machine.id)
      #expect(seen["state"] == "stopped")
      #expect(seen["key"] == "operator")
      #expect(seen["tokens"] == "required")
      #expect(seen["tags"]?["Name"] == "restored")
      #expect(seen["tags"]?["owner"] == "accounting")
      #expect(seen["tags"]?[Mark.job]?.stringValue == host.job.rawValue)
      #expect(seen["tags"]?[Mark.state] == nil)
      let nics = seen["interfaces"]?.arrayValue ?? []
      #expect(nics.count == 2)
      let first = try #require(nics.first { $0["index"] == 0 })
      #expect(first["subnet"]?.stringValue == place.subnet)
      #expect(first["address"]?.stringValue == place.address)
      #expect(first["groups"] == [.string(place.group)])
      let volumes = seen["disks"]?.arrayValue ?? []
      #expect(Set(volumes.compactMap { $0["device"]?.stringValue }) == ["/dev/sda1", "/dev/sdf"])
      let data = try #require(volumes.first { $0["device"] == "/dev/sdf" })
      #expect(data["type"] == "gp2")
      #expect(data["sizeGiB"] == 1)
      #expect(data["snapshot"] == disks[1].disk["snapshot"])
      #expect(data["tags"]?["Name"] == "restored-disk1")
      if kind == .strict {
        // moto itself ignores what an image is registered with.
        #expect(seen["imageDetails"]?["bootMode"] == "uefi")
        #expect(seen["imageDetails"]?["rootDevice"] == "/dev/sda1")
        #expect(seen["imageDetails"]?["disks"]?.arrayValue?.count == 2)
      }

      #expect(try await host.power(machine, .on) == .on)
      let checks = try await host.verify(machine, ["powered", "bootlog", "ip", "screenshot"])
      #expect(checks[0].pass, "\(checks[0].detail)")
      let log = try #require(checks[1].evidence)
      #expect(try String(contentsOfFile: log, encoding: .utf8).contains("Linux version"))
      #expect(checks[2].detail.contains(place.address))
      #expect(checks[3].pass || checks[3].inconclusive == true)
      #expect(try await host.power(machine, .off) == .off)

      let configured = try await host.change(
        MachineConfigure(
          op: TestHost.op, job: host.job, plan: try await host.plan(request), machine: machine, tags: ["site": "north"],
          notes: "n"))
      #expect(configured.applied == ["tags"])
      #expect(configured.ignored.map(\.what) == ["notes"])

      try await cloud.checkRequests()
      #expect(try await host.rollBack() == [.deleted, .deleted, .deleted, .deleted])
      #expect(try await host.rollBack() == [])
      try await Self.expectNothingLeft(cloud, before)
    }

    @Test func anotherProcessMakesNothingASecondTime() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let sizes = [4 * Self.mebibyte]
      let exports = try Self.exports(sizes, host)
      let (machine, disks, plan) = try await host.restore(
        Requests.request(host.job, sizes: sizes), exports, sizes: sizes)
      try await cloud.forgetRequests()
      let second = try await TestHost(cloud, job: host.job, state: host.state)
      let again = try await second.receive(plan, 0, TestHost.nbd(exports[0], size: sizes[0]))
      #expect(again == disks[0])
      #expect(try await second.create(plan, disks).id == machine.id)
      for operation in ["StartSnapshot", "PutSnapshotBlock", "RegisterImage", "RunInstances"] {
        #expect(try await cloud.count(operation) == 0, "\(operation)")
      }
    }

    @Test func committedItBearsNoMarkAnyMore() async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let host = try await TestHost(cloud)
      let sizes = [4 * Self.mebibyte]
      let (machine, disks, _) = try await host.restore(
        Requests.request(host.job, sizes: sizes, options: ["keepSnapshots": false, "startAtOnce": true]),
        try Self.exports(sizes, host), sizes: sizes)
      try await host.commit()
      #expect(try await host.found().isEmpty)
      let kept = try await cloud.boto(
        """
        i = ec2.describe_instances(InstanceIds=["\(machine.id)"])["Reservations"][0]["Instances"][0]
        tell({"state": i["State"]["Name"], "tags": [t["Key"] for t in i["Tags"]]})
        """)
      #expect(kept == ["state": "running", "tags": ["Name"]])
      let left = try await cloud.inventory()
      #expect(left["images"] == before["images"])
      #expect(left["snapshots"]?.arrayValue?.contains(disks[0].disk["snapshot"] ?? .null) == false)
      // Kept, it is nobody's business of this job any more.
      let gone = Resource(kind: Resources.machine, name: "restored", remoteID: machine.id)
      #expect(try await host.delete([gone]).map(\.state) == [.foreign])
    }

    @Test func whatWasWrittenIsReadBack() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let size = 9 * Self.mebibyte
      let exports = try Self.exports([size], host)
      let plan = try await host.plan(Requests.request(host.job, sizes: [size]))
      let result = try await host.receive(plan, 0, TestHost.nbd(exports[0], size: size), readBack: true)
      #expect(result.platformDigest == .init(algorithm: "ascend1", value: try #require(result.digest)))
    }

    // MARK: Support

    struct Place {
      var subnet: String
      var group: String
      var address: String
    }

    /// A VPC of its own, with a key pair.
    static func place(_ cloud: AWSServer) async throws -> Place {
      let made = try await cloud.boto(
        """
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="restored", Description="d", VpcId=vpc)["GroupId"]
        if not any(k["KeyName"] == "operator" for k in ec2.describe_key_pairs()["KeyPairs"]):
          ec2.create_key_pair(KeyName="operator")
        tell({"subnet": subnet, "group": group})
        """)
      return Place(
        subnet: made["subnet"]?.stringValue ?? "", group: made["group"]?.stringValue ?? "", address: "10.7.1.20")
    }

    /// Disks with data at their beginning and in their middle.
    static func exports(_ sizes: [Int64], _ host: TestHost) throws -> [Export] {
      try sizes.enumerated().map { index, size in
        let raw = host.work.file("disk\(index).raw")
        try Images.make(raw, size: size, data: size > 5 * mebibyte ? [(0, 2), (5, 1)] : [(1, 2)])
        return try Export(raw, in: host.work)
      }
    }

    /// What was there before, and nothing else. moto leaves a volume behind for each snapshot that is begun, and none of
    /// ours.
    static func expectNothingLeft(
      _ cloud: AWSServer, _ before: JSONValue, location: SourceLocation = #_sourceLocation
    ) async throws {
      let after = try await cloud.inventory()
      for kind in ["instances", "images", "snapshots", "interfaces", "groups", "uploads", "objects"] {
        #expect(after[kind] == before[kind], "\(kind)", sourceLocation: location)
      }
    }
  }
}
