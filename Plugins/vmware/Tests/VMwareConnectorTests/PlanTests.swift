import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(.tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"))
struct PlanTests {
  private func plan(
    _ connection: [String: JSONValue] = [:], _ change: (inout PlanPreflight) -> Void = { _ in }
  ) async throws -> PlanPreflight.Result {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection(connection))
    var request = Requests.request(
      host.job, name: "planned", sizes: [4 << 20, 2 << 20], nics: [.init(index: 0, network: "office")])
    change(&request)
    return try await host.harness.request(request)
  }

  private func blockers(_ result: PlanPreflight.Result) -> [String] {
    result.diagnostics.filter { $0.severity == .blocker }.map(\.code).sorted()
  }

  @Test func aPlanSaysWhatItWillMakeAndWhatAFailureCosts() async throws {
    let result = try await plan()
    #expect(blockers(result).isEmpty)
    #expect(result.resources.map(\.kind) == ["machine", "carrier"])
    #expect(result.diagnostics.contains { $0.code == "transfer.perDisk" })
    #expect(result.diagnostics.contains { $0.code == "network.defaulted" })
    let state = try result.plan.state.decode(MachinePlan.self)
    #expect(state.disks.map(\.unit) == [0, 1])
    #expect(state.disks.allSatisfy { $0.bus == 0 })
  }

  @Test(arguments: [
    ("storage", "the-moon", "mapping.storage"), ("network", "the-moon", "mapping.network"),
    ("hardwareVersion", "vmx-99", "hardwareVersion.unsupported"), ("hardwareVersion", "new", "hardwareVersion.unknown"),
    ("guestId", "amigaGuest", "guest.unsupported"), ("mac", "ff:ff:ff:ff:ff:ff", "mapping.mac"),
    ("type", "liquid", "mapping.disk"), ("name", "a/b", "name.invalid"), ("controller", "tape", "controller.unknown"),
    ("size", "large", "disk.size"), ("nic", "token-ring", "nic.unknown"), ("tpm", "bios", "tpm.firmware"),
  ])
  func whatCannotBeIsSaidBeforeAnythingMoves(_ what: String, _ value: String, _ code: String) async throws {
    let result = try await plan { request in
      switch what {
      case "storage": request.mapping.storage = ["*": value]
      case "network": request.mapping.networks = ["office": value]
      case "hardwareVersion", "guestId": request.options = [what: .string(value)]
      case "tpm": request.options = ["tpm": true]
      case "mac": request.mapping.nics = ["0": NICMapping(mac: value)]
      case "type": request.mapping.disks = ["1": DiskMapping(type: value)]
      case "name": request.name = value
      case "controller": request.hardware.controllers[1] = value
      case "size": request.disks[0].sizeBytes = 63 << 40
      default: request.hardware.nicModel = value
      }
    }
    #expect(blockers(result).contains(code), "\(result.diagnostics)")
    let named = result.diagnostics.filter { $0.code == code }
    #expect(named.allSatisfy { $0.at != nil })
  }

  @Test func namesInUseAreRefused() async throws {
    let result = try await plan { $0.name = "DC0_C0_RP0_VM0" }
    #expect(blockers(result) == ["nameTaken"])
  }

  @Test(arguments: ["cluster", "host", "resourcePool", "datacenter", "folder"])
  func placesThatAreNotThereAreNamed(_ place: String) async throws {
    let error = await #expect(throws: ConnectorError.self) { try await plan([place: "nowhere"]) }
    #expect(error?.reason == .mappingInvalid)
    #expect(error?.message.contains("nowhere") == true)
    #expect(error?.outcome == Outcome.none)
  }

  @Test func sizesGoInTheStepsOfThePlatform() async throws {
    let result = try await plan { request in
      request.disks[0].sizeBytes = (4 << 20) + 512
      request.machine.memoryBytes = (512 << 20) + 1
      request.machine.cpu = .init(count: 3, coresPerSocket: 2)
    }
    #expect(result.disks[0].effectiveSizeBytes == (4 << 20) + 1024)
    #expect(
      Set(result.adjustments.map(\.at)) == [
        "/disks/0/sizeBytes", "/machine/memoryBytes", "/machine/cpu/coresPerSocket",
      ])
  }

  @Test func controllersShareBusesAndSkipTheirOwnUnit() async throws {
    let result = try await plan { request in
      request.disks = (0..<20).map { index in
        .init(
          index: index, sizeBytes: 1 << 20, format: "vmdk", subformat: "streamOptimized", access: "nbd",
          boot: index == 0)
      }
      request.hardware.controllers = (0..<20).map { $0 == 17 ? "lsi-sas" : "pvscsi" }
    }
    let disks = try result.plan.state.decode(MachinePlan.self).disks
    #expect(disks.map(\.unit).prefix(9) == [0, 1, 2, 3, 4, 5, 6, 8, 9])
    #expect(disks[14].bus == 0 && disks[15].bus == 1 && disks[17].bus == 2 && disks[18].bus == 1)
  }

  @Test func theInventoryIsListedByKindAndBelowAParent() async throws {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection())
    func names(_ kind: String, parent: String? = nil) async throws -> [String] {
      try await host.harness.request(InventoryList(kind: kind, parent: parent)).items.map(\.name)
    }
    #expect(try await names("datacenter") == ["DC0"])
    #expect(try await names("storage") == ["LocalDS_0", "LocalDS_1"])
    #expect(try await names("network") == ["DC0_DVPG0", "VM Network"])
    #expect(try await names("folder") == ["vm"])
    let clusters = try await host.harness.request(InventoryList(kind: "cluster")).items
    let cluster = try #require(clusters.first { $0.name == "DC0_C0" })
    #expect(try await names("host", parent: cluster.id) == ["DC0_C0_H0", "DC0_C0_H1", "DC0_C0_H2"])
    #expect(try await names("resourcePool", parent: cluster.id) == ["Resources"])
    let store = try #require(try await host.harness.request(InventoryList(kind: "storage")).items.first)
    #expect(store.attributes["freeBytes"]?.integerValue ?? 0 > 0)
    #expect(store.path == "/DC0/datastore/LocalDS_0")
    #expect(try await names("guestType").count > 50)
    #expect(try await names("hardwareVersion").first?.hasPrefix("vmx-") == true)
  }
}
