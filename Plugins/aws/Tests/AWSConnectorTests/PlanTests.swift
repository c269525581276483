import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// What can be planned, what cannot, and why. One server for all: nothing is changed.
  struct PlanTests {
    private static let gibibyte: Int64 = 1 << 30

    private func codes(_ result: PlanPreflight.Result, _ severity: Diagnostic.Severity = .blocker) -> [String] {
      result.diagnostics.filter { $0.severity == severity }.map(\.code)
    }

    @Test func aMachineGetsTheCheapestTypeThatFits() async throws {
      let cloud = try await Clouds.server(.moto)
      let host = try await TestHost(cloud, ["instanceType": ""])
      let before = try await cloud.inventory()
      let result = try await host.preflight(
        Requests.request(host.job, sizes: [8 * Self.gibibyte], cpus: 4, memoryBytes: 15 * Self.gibibyte))
      #expect(codes(result) == [])
      let plan = try PlanState.read(result.plan)
      #expect(plan.instanceTypes.count >= 3)
      #expect(result.disks == [.init(index: 0, accepted: true, effectiveSizeBytes: 8 * Self.gibibyte)])
      let none = try await host.preflight(
        Requests.request(host.job, sizes: [8 * Self.gibibyte], memoryBytes: 60 << 40))
      #expect(codes(none) == ["instanceType.none"])
      let chosen = try #require(result.diagnostics.first { $0.code == "instanceType.chosen" })
      #expect(chosen.summary.contains("cheapest") && chosen.summary.contains("Next: "))
      #expect(result.diagnostics.contains { $0.code == "delivery.ebs" })
      #expect(result.diagnostics.contains { $0.code == "subnet.defaulted" })
      #expect(result.resources.map(\.kind) == ["snapshot", "image", "machine"])

      let estimate = try await host.harness.request(PlanEstimate(plan: result.plan))
      #expect(estimate.currency == "USD")
      #expect(Set(estimate.items.map(\.unit)) == ["hour", "month", "once"])
      // moto has no prices: the built-in ones are dated.
      #expect(result.diagnostics.contains { $0.code == "prices.source" && $0.summary.contains(PriceTable.date) })
      #expect(try await cloud.inventory() == before)
    }

    @Test func gravitonMachinesGetGravitonTypes() async throws {
      let cloud = try await Clouds.server(.moto)
      let host = try await TestHost(cloud, ["instanceType": ""])
      let result = try await host.preflight(
        Requests.request(host.job, sizes: [Self.gibibyte], firmware: .uefi, arch: "aarch64"))
      #expect(codes(result) == [])
      let plan = try PlanState.read(result.plan)
      #expect(plan.architecture == "arm64")
      #expect(plan.instanceTypes.allSatisfy { $0.hasPrefix("t4g") || $0.contains("g.") || $0.contains("gd.") })
    }

    @Test func whatCannotBeIsSaidWithWhatToDo() async throws {
      let cloud = try await Clouds.server(.moto)
      let host = try await TestHost(cloud)
      let place = try await Clouds.RestoreTests.place(cloud)
      let other = try #require(
        try await host.harness.request(InventoryList(kind: "network")).items.first {
          $0.attributes["zone"] == "us-east-1c"
        })
      let two = [MachineDescription.NIC(index: 0, network: "a"), .init(index: 1, network: "b")]
      let mbr = GuestFacts(understood: true, family: "linux", partitionTable: "mbr")
      let small = [Self.gibibyte]
      let cases: [(String, PlanPreflight)] = [
        ("disk.tooLarge", Requests.request(host.job, sizes: [65 << 40])),
        ("disk.mbr", Requests.request(host.job, sizes: [3 << 40], guest: mbr)),
        ("disk.typeSize", Requests.request(host.job, sizes: [20 << 40], mapping: Mapping(storage: ["*": "gp2"]))),
        ("disk.many", Requests.request(host.job, sizes: (0..<28).map { _ in Self.gibibyte })),
        ("mapping.storage", Requests.request(host.job, sizes: small, mapping: Mapping(storage: ["*": "tape"]))),
        ("subnet.unknown", Requests.request(host.job, sizes: small, options: ["subnetId": "subnet-none"])),
        (
          "subnet.zone",
          Requests.request(
            host.job, sizes: small, nics: two, mapping: Mapping(networks: ["a": place.subnet, "b": other.id]))
        ),
        ("keyPair.unknown", Requests.request(host.job, sizes: small, options: ["keyName": "nobody"])),
        (
          "securityGroup.unknown",
          Requests.request(host.job, sizes: small, options: ["securityGroupIds": ["sg-none"]])
        ),
        (
          "securityGroup.vpc",
          Requests.request(host.job, sizes: small, options: ["securityGroupIds": [.string(place.group)]])
        ),
        (
          "nic.address",
          Requests.request(
            host.job, sizes: small,
            mapping: Mapping(networks: ["*": place.subnet], nics: ["0": NICMapping(addresses: ["10.9.9.9/24"])]))
        ),
        (
          "instanceType.unfit",
          Requests.request(host.job, sizes: small, firmware: .uefi, options: ["instanceType": "m4.large"])
        ),
        ("instanceType.unknown", Requests.request(host.job, sizes: small, options: ["instanceType": "z99.huge"])),
        (
          "instanceType.smaller",
          Requests.request(host.job, sizes: small, memoryBytes: 60 << 40, options: ["instanceType": "m5.large"])
        ),
        ("arch.unknown", Requests.request(host.job, sizes: small, arch: "s390x")),
        ("windows.license", Requests.request(host.job, sizes: small, family: "windows")),
        ("kmsKey.unknown", Requests.request(host.job, sizes: small, options: ["kmsKeyId": "alias/none"])),
        ("name.invalid", Requests.request(host.job, name: "<restored>", sizes: small)),
        ("disk.boot", Requests.request(host.job, sizes: small, boot: 3)),
      ]
      for (code, request) in cases {
        let result = try await host.preflight(request)
        #expect(result.diagnostics.contains { $0.code == code }, "\(code): \(codes(result))")
        let blocker = result.diagnostics.first { $0.code == code }
        #expect(blocker?.action != nil || code == "disk.many", "\(code) has no remedy")
      }
    }

    @Test func whatRunInstancesWouldRefuseIsSaidBefore() async throws {
      let cloud = try await Clouds.server(.strict)
      let place = try await Clouds.RestoreTests.place(cloud)
      try await cloud.boto(
        """
        iam = boto("iam")
        have = [p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]]
        if "empty" not in have: iam.create_instance_profile(InstanceProfileName="empty")
        ec2.create_network_interface(SubnetId="\(place.subnet)", PrivateIpAddress="\(place.address)")
        """)
      let host = try await TestHost(cloud)
      func request(_ addresses: [String], profile: String? = nil) -> PlanPreflight {
        Requests.request(
          host.job, sizes: [Self.gibibyte],
          mapping: Mapping(networks: ["*": place.subnet], nics: ["0": NICMapping(addresses: addresses)]),
          options: profile.map { ["instanceProfile": .string($0)] } ?? [:])
      }
      let taken = try await host.preflight(request([place.address], profile: "nobody's"))
      #expect(Set(codes(taken)) == ["nic.addressTaken", "instanceProfile.unknown"])
      #expect(taken.diagnostics.first { $0.code == "nic.addressTaken" }?.at == "/mapping/nics/0/addresses")
      #expect(codes(try await host.preflight(request(["10.7.1.21", "10.7.1.21"]))) == ["nic.addressTwice"])
      let free = try await host.preflight(request(["10.7.1.21"], profile: "empty"))
      #expect(codes(free) == [] && codes(free, .warning).contains("instanceProfile.empty"))
      // Whoever may not look is told that nobody has.
      try await cloud.rules([
        [
          "match": "ec2.DescribeNetworkInterfaces", "times": 0, "action": "error", "status": 403,
          "code": "UnauthorizedOperation",
        ],
        ["match": "iam.GetInstanceProfile", "times": 0, "action": "error", "status": 403, "code": "AccessDenied"],
      ])
      let unknown = try await host.preflight(request([place.address], profile: "nobody's"))
      #expect(codes(unknown) == [])
      #expect(Set(codes(unknown, .warning)).isSuperset(of: ["nic.addressUnchecked", "instanceProfile.unchecked"]))
    }

    @Test func planningOfAnUnknownRegionSaysSo() async throws {
      var diagnostics: [Diagnostic] = []
      _ = Settings(["region": "Frankfurt"]) { diagnostics.append($0) }
      #expect(diagnostics.map(\.at) == ["/region"])
    }

    @Test func performanceKeepsToWhatAVolumeHas() throws {
      var findings = Findings()
      let settings = Settings(["region": "us-east-1"]) { _ in }
      let request = Requests.request(
        JobID("job-12345678"), sizes: [100 * Self.gibibyte, 1024 * Self.gibibyte],
        mapping: Mapping(
          storage: ["1": "st1"], disks: ["0": DiskMapping(type: "io2", options: ["iops": 500_000])]))
      let disks = DiskPlan(request: request, settings: settings).disks(&findings)
      #expect(disks.map(\.type) == [.io2, .st1])
      #expect(disks[0].iops == 100_000)
      #expect(disks[1].iops == nil)
      #expect(findings.adjustments.contains { $0.at == "/disks/0/iops" && $0.to == "100000" })
    }
  }
}
