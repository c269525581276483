import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

extension Clouds {
  /// Prices of the service, which go before those that are built in.
  struct PriceTests {
    private static let gibibyte: Int64 = 1 << 30

    private func planned(_ cloud: AWSServer, _ more: [String: JSONValue] = [:]) async throws -> PlanPreflight.Result {
      let host = try await TestHost(cloud, more)
      return try await host.preflight(
        Requests.request(
          host.job, sizes: [100 * Self.gibibyte, 200 * Self.gibibyte],
          mapping: Mapping(
            storage: ["1": "io2"],
            disks: [
              "0": DiskMapping(options: ["iops": 4000, "throughput": 250]), "1": DiskMapping(options: ["iops": 1000]),
            ])))
    }

    @Test func everythingIsPricedByTheService() async throws {
      let cloud = try await Clouds.server(.strict)
      let result = try await planned(cloud)
      let costs = try PlanState.read(result.plan).costs
      #expect(costs.isLive && costs.source == "the Pricing API")
      #expect(costs.instanceHour == 0.096)
      // gp3: space, 1000 IOPS and 125 MiB/s beyond what is included; io2: space and IOPS.
      let gp3 = 100 * 0.08 + 1000 * 0.006 + 125 * 51.2 / 1024
      let io2 = 200 * 0.125 + 1000 * 0.066
      #expect(abs(costs.disksMonth - gp3 - io2) < 1e-6)
      #expect(abs(costs.snapshotsMonth - 300 * 0.055) < 1e-6)
      #expect(abs(costs.restoreOnce - 300 * 2048 * 0.000007) < 1e-6)
      try await cloud.checkRequests()
    }

    @Test func aLicenceOfAmazonsIsPricedWithTheInstance() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      func hour() async throws -> Double? {
        let result = try await host.preflight(
          Requests.request(host.job, sizes: [Self.gibibyte], family: "windows", options: ["license": "included"]))
        return try PlanState.read(result.plan).costs.instanceHour
      }
      #expect(try await hour() == 0.192)
      let denied = try await TestHost(cloud)
      try await cloud.rules([
        ["match": "pricing.GetProducts", "times": 0, "action": "error", "status": 400, "code": "AccessDeniedException"]
      ])
      let result = try await denied.preflight(
        Requests.request(denied.job, sizes: [Self.gibibyte], family: "windows", options: ["license": "included"]))
      #expect(try PlanState.read(result.plan).costs.instanceHour == 0.096 + 2 * PriceTable.windowsCPU)
    }

    @Test func theBucketIsPricedToo() async throws {
      let cloud = try await Clouds.server(.strict)
      try await ImportScene.makeBucket(cloud)
      let result = try await planned(cloud, ["delivery": "import", "bucket": .string(ImportScene.bucket)])
      let costs = try PlanState.read(result.plan).costs
      let expected = 150 * 0.024 / 30.4 + 150 * 64 * 0.000005
      #expect(costs.isLive && abs(costs.restoreOnce - expected) < 1e-6)
    }

    /// In a dearer region the same type is the cheapest, for the price that the estimate says too.
    @Test func aDearerRegionChangesPricesAndNotTheChoice() async throws {
      let cloud = try await Clouds.server(.strict)
      func chosen(_ factor: Double) async throws -> (type: String, hour: Double, note: String) {
        try await cloud.configure(["priceFactor": .number(factor)])
        let host = try await TestHost(cloud, ["instanceType": ""])
        let result = try await host.preflight(Requests.request(host.job, sizes: [Self.gibibyte]))
        let plan = try PlanState.read(result.plan)
        let note = result.diagnostics.first { $0.code == "instanceType.chosen" }?.summary ?? ""
        return (plan.instanceTypes.first ?? "", plan.costs.instanceHour ?? 0, note)
      }
      let (here, there) = (try await chosen(1), try await chosen(1.6))
      #expect(here.type == "t3a.small" && there.type == here.type, "\(there)")
      #expect(abs(here.hour - 0.0188) < 1e-9 && abs(there.hour - 0.0301) < 1e-9, "\(here) \(there)")
      #expect(there.note.contains("(2 vCPUs, 2 GiB, 0.0301 USD an hour)"), "\(there.note)")
      #expect(!there.note.contains("not known"))
    }

    @Test func whereItIsDeniedTheTableStands() async throws {
      let cloud = try await Clouds.server(.strict)
      try await cloud.rules([
        [
          "match": "pricing.GetProducts", "times": 0, "action": "error", "status": 400,
          "code": "AccessDeniedException", "message": "not allowed to price",
        ]
      ])
      let costs = try PlanState.read(try await planned(cloud).plan).costs
      #expect(!costs.isLive && costs.source.contains(PriceTable.date) && costs.source.contains("not allowed to price"))
      #expect(costs.disksMonth > 0 && costs.instanceHour == 0.096)
    }

    @Test func whatIsMissingInPartIsTakenFromTheTable() async throws {
      let cloud = try await Clouds.server(.strict)
      let host = try await TestHost(cloud)
      // The stand-in has no price for io1.
      let result = try await host.preflight(
        Requests.request(host.job, sizes: [100 * Self.gibibyte], mapping: Mapping(storage: ["*": "io1"])))
      let costs = try PlanState.read(result.plan).costs
      #expect(!costs.isLive && costs.source.contains("in part"))
      #expect(abs(costs.disksMonth - (100 * 0.125 + 3000 * 0.065)) < 1e-6)
    }
  }
}

struct PriceListTests {
  private func product(_ usage: String, _ rates: [(String, String)]) -> JSONValue {
    let dimensions = rates.enumerated().map { number, rate in
      ("r\(number)", ["beginRange": .string(rate.0), "pricePerUnit": ["USD": .string(rate.1)]] as JSONValue)
    }
    let priced = JSONValue.object(Dictionary(uniqueKeysWithValues: dimensions))
    return [
      "product": ["attributes": ["usagetype": .string(usage)]],
      "terms": ["OnDemand": ["x": ["priceDimensions": priced]]],
    ]
  }

  @Test func theFirstOfSeveralTiersCounts() {
    let products = [
      product("EUC1-EBS:SnapshotUsage", [("0", "0.0540000000")]),
      product("TimedStorage-ByteHrs", [("51200", "0.0220"), ("0", "0.0230"), ("512000", "0.0210")]),
      product("EBS:directAPI.snapshot.Put", [("0", "0.0000000000")]),
    ]
    #expect(PriceList.first(products) { $0 == "TimedStorage-ByteHrs" } == 0.023)
    #expect(PriceList.first(products) { $0.hasSuffix("-EBS:SnapshotUsage") } == 0.054)
    // A price of nothing is none, and so is what is not there.
    #expect(PriceList.first(products) { $0.hasSuffix("Put") } == nil)
    #expect(PriceList.first([]) { _ in true } == nil)
  }

  @Test func theTableKnowsFamiliesAndSizes() {
    #expect(PriceTable.hour("m5.2xlarge") == 0.384)
    #expect(PriceTable.hour("x9.large") == nil)
  }
}
