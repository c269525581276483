import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Opening and checking an account, and what there is in it.
  struct SessionTests {
    @Test(arguments: [AWSServer.Kind.moto, .strict])
    func wrongKeysAreSaidToBeWrong(_ kind: AWSServer.Kind) async throws {
      let cloud = try await Clouds.server(kind)
      let secret = "another/secret+of/the+operator"
      let error = await refusal {
        try await TestHost(cloud.connection(), secrets: ["/secretAccessKey": secret])
      }
      #expect(error?.reason == .unauthenticated, "\(error?.message ?? "")")
      #expect(error?.remedy?.contains("access key") == true)
      #expect(error?.message.contains(secret) == false)
      let unknown = await refusal {
        try await TestHost(cloud.connection(["accessKeyId": "AKIAUNKNOWN000000000"]), secrets: cloud.secrets)
      }
      #expect(unknown?.reason == .unauthenticated)
    }

    @Test func anExpiredTokenIsSaidToHaveExpired() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.rules([
        ["match": "sts.GetCallerIdentity", "times": 0, "action": "error", "status": 403, "code": "ExpiredToken"]
      ])
      let error = await refusal { try await TestHost(cloud) }
      #expect(error?.reason == .credentialsExpired)
      #expect(error?.remedy?.contains("new temporary keys") == true)
    }

    @Test func halfAKeyIsNoKey() async throws {
      let error = await refusal {
        try await TestHost(["region": "us-east-1", "accessKeyId": "AKIAEXAMPLE000000000"], secrets: [:])
      }
      #expect(error?.reason == .configInvalid)
      #expect(error?.diagnostics.map(\.at) == ["/secretAccessKey"])
    }

    @Test func anEndpointThatIsNoneIsSaidToBeUnreachable() async throws {
      let cloud = try await Clouds.server(.strict)
      let error = await refusal {
        try await TestHost(cloud.connection(["endpoints": ["sts": "http://127.0.0.1:1"]]), secrets: cloud.secrets)
      }
      #expect(error?.reason == .networkUnreachable)
      #expect(error?.remedy?.contains("endpoints") == true)
    }

    @Test func anAnswerThatIsNoXMLIsNoAnswer() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      try await cloud.rules([
        [
          "match": "ec2.DescribeSubnets", "times": 0, "action": "answer", "type": "text/html",
          "body": "<html><body>Sign in to the proxy<br>",
        ]
      ])
      let error = await refusal { try await host.harness.request(InventoryList(kind: "network")) }
      #expect(error?.reason == .platformUnavailable)
      #expect(error?.remedy?.contains("proxy") == true)
    }

    @Test(arguments: [AWSServer.Kind.moto, .strict])
    func theAccountIsChecked(_ kind: AWSServer.Kind) async throws {
      let cloud = try await Clouds.server(kind)
      let before = try await cloud.inventory()
      let host = try await TestHost(cloud)
      let good = try await host.harness.request(SessionCheck())
      #expect(good.state == .ready, "\(good.diagnostics.map(\.summary))")
      try await Clouds.RestoreTests.expectNothingLeft(cloud, before)
      try await cloud.rules([
        ["match": "ec2.RunInstances", "times": 0, "action": "error", "status": 403, "code": "UnauthorizedOperation"],
        [
          "match": "ebs.ListSnapshotBlocks", "times": 0, "action": "error", "status": 403,
          "code": "AccessDeniedException",
        ],
      ])
      let bad = try await host.harness.request(SessionCheck())
      #expect(bad.state == .degraded)
      #expect(
        bad.diagnostics.filter { $0.code == "permission.missing" }.map(\.summary) == [
          "The account may not ebs:ListSnapshotBlocks, needed as a backup's disks, or to read back what was written.",
          "The account may not ec2:RunInstances.",
        ])
    }

    @Test func aClockThatIsWrongIsSaid() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.configure(["clockOffset": 3600])
      let host = try await TestHost(cloud)
      let check = try await host.harness.request(SessionCheck())
      #expect(check.diagnostics.contains { $0.code == "clock.skew" && $0.summary.contains("behind") })
    }

    @Test(arguments: [AWSServer.Kind.moto, .strict])
    func everythingIsListed(_ kind: AWSServer.Kind) async throws {
      let cloud = try await Clouds.server(kind)
      if kind == .strict { try await cloud.configure(["pageSize": 5]) }
      let place = try await Clouds.RestoreTests.place(cloud)
      let host = try await TestHost(cloud)
      func list(_ kind: String, parent: String? = nil) async throws -> [InventoryList.Item] {
        var items: [InventoryList.Item] = []
        var token: String?
        repeat {
          let page = try await host.harness.request(InventoryList(kind: kind, parent: parent, pageToken: token))
          items += page.items
          token = page.nextPageToken
        } while token != nil
        return items
      }
      let regions = try await list("region")
      #expect(regions.filter(\.eligible).map(\.id) == ["us-east-1"])
      #expect(regions.contains { $0.why?.contains("this target is in us-east-1") == true })
      #expect(try await list("zone").map(\.id).contains("us-east-1b"))
      #expect(try await list("vpc").contains { $0.attributes["default"] == true })
      let subnets = try await list("network")
      #expect(subnets.count >= 7)
      #expect(subnets.first { $0.id == place.subnet }?.attributes["zone"] == "us-east-1b")
      #expect(try await list("securityGroup").map(\.id).contains(place.group))
      #expect(try await list("keyPair").map(\.id) == ["operator"])
      #expect(try await list("storage").map(\.id).contains("gp3"))
      if kind == .moto {
        #expect(try await list("kmsKey").allSatisfy { $0.id.hasPrefix("alias/") })
        #expect(try await list("instanceProfile").isEmpty)
        let types = try await list("instanceType", parent: "us-east-1b")
        #expect(types.first { $0.id == "m7i.large" }?.attributes["memoryMiB"] == 8192)
      }
    }
  }
}
