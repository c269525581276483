import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Windows with Amazon's licence: VM Import makes the image of our own snapshot, other disks are attached.
  struct WindowsTests {
    private static let mebibyte = Images.mebibyte
    private static let sizes = [4 * mebibyte, 12 * mebibyte]

    private func request(_ host: TestHost) -> PlanPreflight {
      Requests.request(
        host.job, sizes: Self.sizes, family: "windows",
        mapping: Mapping(
          storage: ["1": "gp2"], tags: ["owner": "accounting"], disks: ["0": DiskMapping(options: ["iops": 4000])]),
        options: ["license": "included"])
    }

    @Test func itIsImportedAndItsOtherDisksAttached() async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let imported = try await ImportScene.imported(cloud)
      let host = try await TestHost(cloud)
      let planned = try await host.preflight(request(host))
      #expect(planned.diagnostics.contains { $0.code == "delivery.importImage" })
      #expect(planned.resources.map(\.kind) == ["snapshot", "snapshot", "image", "volume", "machine"])
      let exports = try Clouds.RestoreTests.exports(Self.sizes, host)
      let (machine, disks, plan) = try await host.restore(request(host), exports, sizes: Self.sizes)

      let asked = try #require(try await cloud.requests().first { $0["operation"] == "ImportImage" })
      let form = asked["body"]?.stringValue ?? ""
      #expect(form.contains("LicenseType=AWS") && form.contains("Platform=Windows"))
      let boot = try #require(disks[0].disk["snapshot"]?.stringValue)
      #expect(form.contains("DiskContainer.1.SnapshotId=\(boot)") && !form.contains("DiskContainer.2"))
      #expect(try await cloud.count("RegisterImage") == 0)

      let seen = try await cloud.read("machine", machine.id)
      #expect(seen["state"] == "stopped")
      let volumes = seen["disks"]?.arrayValue ?? []
      let root = try #require(volumes.first { $0["device"] == "/dev/sda1" })
      // The service's own copy, as what the plan says.
      #expect(root["snapshot"]?.stringValue != boot && root["type"] == "gp3")
      let data = try #require(volumes.first { $0["device"] == "/dev/sdf" })
      #expect(data["snapshot"] == disks[1].disk["snapshot"] && data["type"] == "gp2")
      #expect(data["deleteOnTermination"] == true)
      #expect(data["tags"]?["Name"] == "restored-disk1" && data["tags"]?["owner"] == "accounting")

      #expect(try await host.power(machine, .on) == .on)
      #expect(try await host.verify(machine, ["powered"]).allSatisfy(\.pass))
      // Another process makes nothing a second time.
      try await cloud.forgetRequests()
      let again = try await TestHost(cloud, job: host.job, state: host.state)
      #expect(try await again.create(plan, disks).id == machine.id)
      for operation in ["ImportImage", "CreateVolume", "AttachVolume", "RunInstances"] {
        #expect(try await cloud.count(operation) == 0, "\(operation)")
      }
      try await cloud.checkRequests()
      let found = try await host.found()
      #expect(found.filter { $0.kind == Resources.volume }.map(\.name) == ["restored-disk1"])
      let states = try await host.rollBack()
      // The volume goes with the instance, which goes first.
      #expect(states.allSatisfy { $0 == .deleted || $0 == .absent }, "\(states)")
      #expect(try await host.rollBack() == [])
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      #expect(try await ImportScene.imported(cloud) == imported)
      #expect(try await Self.volumes(cloud, host.job) == [])
    }

    @Test func committedItKeepsItsDisks() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports(Self.sizes, host)
      let (machine, _, _) = try await host.restore(request(host), exports, sizes: Self.sizes)
      try await host.commit()
      #expect(try await host.found().isEmpty)
      let tasks = try await cloud.boto(
        """
        rules = [{"Name": "tag:\(Mark.job)", "Values": ["\(host.job.rawValue)"]}]
        tell(ec2.describe_import_image_tasks(Filters=rules)["ImportImageTasks"])
        """)
      #expect(tasks == [])
      let seen = try await cloud.read("machine", machine.id)
      #expect(seen["disks"]?.arrayValue?.count == 2)
      let marks = (seen["disks"]?.arrayValue ?? []).flatMap { $0["tags"]?.objectValue?.keys.map { $0 } ?? [] }
      #expect(!marks.contains { $0.hasPrefix("ascend:") }, "\(marks)")
    }

    /// A volume that cannot be attached leaves a job that is rolled back to the last thing.
    @Test func aVolumeIsNotLeftBehind() async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports(Self.sizes, host)
      try await cloud.rules([
        ["match": "ec2.CreateVolume", "action": "lost"],
        ["match": "ec2.RunInstances", "times": 0, "action": "error", "status": 400, "code": "VcpuLimitExceeded"],
      ])
      let error = await refusal { try await host.restore(request(host), exports, sizes: Self.sizes) }
      #expect(error?.reason == .quotaExceeded)
      try await cloud.rules([])
      // The answer that was lost has made no second one.
      #expect(try await Self.volumes(cloud, host.job).arrayValue?.count == 1)
      #expect(try await host.found().map(\.kind).contains(Resources.volume))
      #expect(try await host.rollBack().allSatisfy { $0 == .deleted })
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      #expect(try await Self.volumes(cloud, host.job) == [])
    }

    /// The connector ends in mid-import, and the import goes on: what it makes bears no mark of the job's.
    @Test(arguments: [false, true])
    func anImportThatEndsUnseenIsRolledBack(_ isBusy: Bool) async throws {
      let cloud = try await Clouds.server(.strict)
      let before = try await cloud.inventory()
      let imported = try await ImportScene.imported(cloud)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports(Self.sizes, host)
      try await cloud.rules([
        [
          "match": "ec2.DescribeImportImageTasks", "skip": 1, "times": 0, "action": "error", "status": 403,
          "code": "UnauthorizedOperation",
        ]
      ])
      #expect(await refusal { try await host.restore(request(host), exports, sizes: Self.sizes) } != nil)
      try await cloud.rules([])
      let made = try await cloud.boto(
        """
        rules = [{"Name": "tag:\(Mark.job)", "Values": ["\(host.job.rawValue)"]}]
        for _ in range(5): task = ec2.describe_import_image_tasks(Filters=rules)["ImportImageTasks"][0]
        tell({"status": task["Status"], "task": task["ImportTaskId"], "image": task["ImageId"]})
        """)
      #expect(made["status"] == "completed")
      #expect(try await ImportScene.imported(cloud) != imported)
      if isBusy {
        // One that is asked to wait has not been told that there is nothing.
        try await cloud.rules([
          [
            "match": "ec2.DescribeImportImageTasks", "action": "error", "status": 503, "code": "RequestLimitExceeded",
          ]
        ])
      }
      let again = try await TestHost(cloud, job: host.job, state: host.state)
      let found = try await again.found()
      #expect(found.contains { $0.kind == Resources.image && $0.remoteID == made["task"]?.stringValue })
      #expect(try await again.delete(found.reversed()).allSatisfy { $0.state == .deleted })
      #expect(try await again.found().isEmpty)
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      #expect(try await ImportScene.imported(cloud) == imported)
    }

    @Test func broughtAlongTheLicenceNeedsNoImport() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let planned = try await host.preflight(
        Requests.request(host.job, sizes: Self.sizes, family: "windows", options: ["license": "byol"]))
      #expect(!planned.diagnostics.contains { $0.code == "delivery.importImage" || $0.severity == .blocker })
      #expect(planned.resources.map(\.kind) == ["snapshot", "snapshot", "image", "machine"])
    }

    @Test func anImportThatFailsSaysWhy() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      try await cloud.configure(["importFails": "ClientError: Multiple different operating systems found"])
      let exports = try Clouds.RestoreTests.exports(Self.sizes, host)
      let error = await refusal { try await host.restore(request(host), exports, sizes: Self.sizes) }
      #expect(error?.reason == .platformTaskFailed)
      #expect(error?.message.contains("Multiple different operating systems") == true)
      #expect(try await host.rollBack().allSatisfy { $0 == .deleted })
    }

    /// What there is of the job's volumes.
    private static func volumes(_ cloud: AWSServer, _ job: JobID) async throws -> JSONValue {
      try await cloud.boto(
        """
        rules = [{"Name": "tag:\(Mark.job)", "Values": ["\(job.rawValue)"]}]
        tell([v["VolumeId"] for v in ec2.describe_volumes(Filters=rules)["Volumes"]])
        """)
    }
  }
}
