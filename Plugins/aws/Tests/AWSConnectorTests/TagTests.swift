import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Testing

@testable import AWSConnector

struct TagRuleTests {
  private func problems(_ tags: [String: String], disk: [String: String]) -> [String?] {
    var findings = Findings()
    TagRule(mapping: Mapping(tags: tags, disks: ["0": DiskMapping(tags: disk)])).check(&findings)
    return findings.diagnostics.map(\.at)
  }

  @Test func whatAWSDoesNotTakeIsSaidOfEachDiskToo() {
    let long = String(repeating: "k", count: 128)
    #expect(problems(["Name": "a"], disk: ["Name": "b"]) == [])
    #expect(problems(["aws:x": "a"], disk: [:]) == ["/mapping/tags"])
    for wrong in ["AWS:x", "ascend:job", "", long] {
      #expect(problems([:], disk: [wrong: "v"]) == ["/mapping/disks/0/tags"], "\(wrong)")
    }
    #expect(problems([:], disk: ["a": String(repeating: "v", count: 256)]) == ["/mapping/disks/0/tags"])
    #expect(problems([:], disk: [String(long.dropLast()): String(repeating: "v", count: 255)]) == [])
    // They add up, where their keys differ.
    let many = Dictionary(uniqueKeysWithValues: (0..<TagRule.most).map { ("key\($0)", "v") })
    #expect(problems(many, disk: ["key0": "other"]) == [])
    #expect(problems(many, disk: ["another": "v"]) == ["/mapping/disks/0/tags"])
  }

  @Test func marksGoBeforeTags() {
    let merged = Mark.merge(["b": "2", "Name": "mine", "a": ""], [(Mark.name, "ours"), (Mark.parent, "")])
    #expect(merged.map(\.0) == ["a", "b", "Name"] && merged.map(\.1) == ["", "2", "ours"])
  }
}

extension Clouds {
  struct TagTests {
    private static let size = 4 * Images.mebibyte
    private static let mapping = Mapping(
      tags: ["Name": "the user's", "owner": "accounting"],
      disks: ["0": DiskMapping(tags: ["Name": "root", "tier": "1"])])

    @Test func aTagNamedNameIsNoMatter() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      let exports = try Clouds.RestoreTests.exports([Self.size], host)
      let request = Requests.request(host.job, sizes: [Self.size], mapping: Self.mapping)
      let (machine, disks, _) = try await host.restore(request, exports, sizes: [Self.size])
      let seen = try await cloud.read("machine", machine.id)
      #expect(seen["tags"]?["Name"] == "restored" && seen["tags"]?["owner"] == "accounting")
      #expect(seen["disks"]?.arrayValue?.first?["tags"]?["Name"] == "restored-disk0")
      #expect(seen["disks"]?.arrayValue?.first?["tags"]?["tier"] == "1")
      // Tags of the source come with the last step, whatever they are.
      let plan = try await host.plan(request)
      let configured = try await host.change(
        MachineConfigure(
          op: TestHost.op, job: host.job, plan: plan, machine: machine,
          tags: ["Name": "source", "aws:own": "v", String(repeating: "k", count: 200): "v", "site": "north"]))
      #expect(configured.applied == ["tags"] && configured.ignored.map(\.what) == ["3 tags"])
      let after = try await cloud.read("machine", machine.id)["tags"]
      #expect(after?["Name"] == "restored" && after?["site"] == "north")
      let snapshot = try #require(disks[0].disk["snapshot"]?.stringValue)
      let tags = try await cloud.boto(
        """
        tags = ec2.describe_snapshots(SnapshotIds=["\(snapshot)"])["Snapshots"][0]["Tags"]
        tell({t["Key"]: t["Value"] for t in tags})
        """)
      #expect(tags["Name"] == "restored-disk0" && tags["tier"] == "1" && tags["owner"] == "accounting")
      #expect(try await host.rollBack().allSatisfy { $0 == .deleted })
    }

    @Test func norByTheWayOfABucket() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let host = try await ImportScene.host(cloud)
      let exports = try Clouds.RestoreTests.exports([Self.size], host)
      let request = Requests.request(host.job, sizes: [Self.size], mapping: Self.mapping)
      let plan = try await host.plan(request)
      _ = try await host.receive(plan, 0, TestHost.nbd(exports[0], size: Self.size))
      #expect(try await host.found().map(\.name) == ["restored-disk0"])
      #expect(try await host.rollBack() == [.deleted])
    }
  }
}
