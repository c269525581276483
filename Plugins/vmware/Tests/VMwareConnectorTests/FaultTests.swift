import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

/// What goes wrong on the way, by the proxy: each its own error, and nothing left in the inventory or on the datastore.
@Suite(
  .tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
  .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
struct FaultTests {
  private static let size = 6 * Images.mebibyte

  /// A restore of one disk through the proxy, with these rules.
  private struct Scene {
    let simulator: Simulator
    let proxy: Proxy
    let host: TestHost
    let export: Export
    let machines: [String]

    init(_ more: [String: JSONValue] = [:], bytesPerSecond: Int? = nil) async throws {
      simulator = try await Simulator()
      proxy = try await Proxy(simulator)
      host = try await TestHost(simulator.connection(more, url: proxy.url))
      let raw = host.work.file("disk.raw")
      try Images.make(raw, size: FaultTests.size, data: [(0, 4)])
      export = try Export(raw, in: host.work, bytesPerSecond: bytesPerSecond)
      machines = try await Self.names(simulator)
    }

    static func names(_ simulator: Simulator) async throws -> [String] {
      try await simulator.read("machines").arrayValue?.compactMap(\.stringValue) ?? []
    }

    func plan(_ mapping: Mapping = Mapping(), nics: [MachineDescription.NIC] = []) async throws -> PlanPreflight.Plan {
      try await host.plan(
        Requests.request(host.job, name: "broken", sizes: [FaultTests.size], nics: nics, mapping: mapping))
    }

    /// The error that bringing the disk ends with, after which nothing may be left.
    func failure(_ rules: [[String: JSONValue]], location: SourceLocation = #_sourceLocation) async throws
      -> ConnectorError
    {
      let plan = try await plan()
      try await proxy.rules(rules)
      var found: ConnectorError?
      do {
        _ = try await host.receive(plan, 0, TestHost.nbd(export, size: FaultTests.size))
      } catch let error as ConnectorError {
        found = error
      }
      let error = try #require(found, sourceLocation: location)
      #expect(error.remedy?.isEmpty == false, sourceLocation: location)
      #expect(try await Self.names(simulator) == machines, "\(error.message)", sourceLocation: location)
      #expect(try await host.found().isEmpty, sourceLocation: location)
      // And with nothing in its way it works.
      try await proxy.rules([])
      _ = try await host.receive(plan, 0, TestHost.nbd(export, size: FaultTests.size))
      #expect(try await host.rollBack() == [.deleted], sourceLocation: location)
      return error
    }
  }

  @Test func aConnectionCutInTheMiddle() async throws {
    let scene = try await Scene()
    let error = try await scene.failure([["match": "/nfc/", "action": "cut", "bytes": 1_500_000]])
    #expect(error.reason == .networkUnreachable)
    #expect(error.outcome == .none)
    #expect(error.retryable)
  }

  @Test func aSessionThatTheServerHasForgotten() async throws {
    let scene = try await Scene()
    let plan = try await scene.plan()
    // Whatever is called first answers that nobody is logged in; another time with the HTTP status.
    try await scene.proxy.rules([
      ["match": "FindChild", "action": "fault", "name": "NotAuthenticated"],
      ["match": "ImportVApp", "action": "status", "status": 401],
    ])
    _ = try await scene.host.receive(plan, 0, TestHost.nbd(scene.export, size: Self.size))
    let calls = try await scene.proxy.log().calls
    #expect(calls.filter { $0 == "Login" }.count == 3)
    #expect(try await scene.host.rollBack() == [.deleted])
  }

  @Test func anImportThatTheServerGivesUp() async throws {
    // As long as the lease says 20 s, the connector speaks up every two; the first time the lease is gone.
    let scene = try await Scene(bytesPerSecond: 350_000)
    let error = try await scene.failure([
      ["match": "RetrievePropertiesEx", "action": "replace", "times": 0, "old": ">30000<", "new": ">20<"],
      ["match": "HttpNfcLeaseProgress", "action": "fault", "name": "ManagedObjectNotFound", "message": "gone"],
      ["match": "HttpNfcLeaseAbort", "action": "fault", "name": "ManagedObjectNotFound", "message": "gone"],
    ])
    #expect([.platformUnavailable, .notFound].contains(error.reason), "\(error.message)")
    #expect(error.outcome == .none)
  }

  @Test(arguments: [
    ("DuplicateName", "ImportVApp", ErrorReason.nameTaken), ("NoDiskSpace", "ImportVApp", .capacityExhausted),
    ("NoPermission", "ImportVApp", .permissionDenied), ("RestrictedVersion", "ImportVApp", .permissionDenied),
    ("DatastoreNotWritableOnHost", "ImportVApp", .mappingInvalid),
    ("CannotAccessNetwork", "ImportVApp", .mappingInvalid),
    ("VirtualHardwareVersionNotSupported", "ImportVApp", .guestUnsupported),
    ("HostNotReachable", "HttpNfcLeaseComplete", .platformUnavailable),
  ])
  func faultsOfTheServer(_ fault: String, _ method: String, _ reason: ErrorReason) async throws {
    let scene = try await Scene()
    let error = try await scene.failure([
      ["match": .string(method), "action": "fault", "name": .string(fault), "message": "it cannot be done"]
    ])
    #expect(error.reason == reason, "\(error.message)")
    #expect(error.provider?.code == fault)
    #expect(error.message.contains("broken"))
  }

  @Test(arguments: [(403, ErrorReason.permissionDenied), (503, .platformUnavailable), (507, .capacityExhausted)])
  func statusesOfAnUpload(_ status: Int, _ reason: ErrorReason) async throws {
    let scene = try await Scene()
    let error = try await scene.failure([
      ["match": "/nfc/", "action": "status", "status": .integer(Int64(status))]
    ])
    #expect(error.reason == reason, "\(error.message)")
    #expect(error.provider?.httpStatus == status)
  }

  @Test func aHostThatCannotBeReached() async throws {
    let scene = try await Scene()
    let error = try await scene.failure([
      [
        "match": "RetrievePropertiesEx", "action": "replace", "times": 0, "old": "https://*/",
        "new": "https://127.0.0.1:9/",
      ]
    ])
    #expect(error.reason == .networkUnreachable)
    #expect(error.message.contains("127.0.0.1:9"))
    #expect(error.remedy?.contains("443") == true)
  }

  @Test func aChecksumThatIsNotOurs() async throws {
    let scene = try await Scene()
    let manifest = """
      <?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>\
      <HttpNfcLeaseGetManifestResponse xmlns="urn:vim25"><returnval><key>/x</key>\
      <sha1>0000000000000000000000000000000000000000</sha1><size>1</size><disk>true</disk></returnval>\
      </HttpNfcLeaseGetManifestResponse></e:Body></e:Envelope>
      """
    let error = try await scene.failure([
      ["match": "HttpNfcLeaseGetManifest", "action": "answer", "body": .string(manifest)]
    ])
    #expect(error.reason == .dataCorrupt)
  }

  @Test func slowAnswersAreWaitedFor() async throws {
    let scene = try await Scene()
    let plan = try await scene.plan()
    try await scene.proxy.rules([
      ["match": "ImportVApp", "action": "delay", "seconds": 3], ["match": "/nfc/", "action": "delay", "seconds": 2],
    ])
    _ = try await scene.host.receive(plan, 0, TestHost.nbd(scene.export, size: Self.size))
    #expect(try await scene.host.rollBack() == [.deleted])
  }

  @Test func addressesThatTheServerDoesNotTake() async throws {
    let scene = try await Scene()
    let plan = try await scene.plan(nics: [.init(index: 0, mac: "52:54:00:12:34:56")])
    try await scene.proxy.rules([
      [
        "match": "ImportVApp", "action": "fault", "name": "InvalidArgument", "message": "Invalid MAC address",
        "detail": "<invalidProperty>macAddress</invalidProperty>",
      ]
    ])
    let received = try await scene.host.receive(plan, 0, TestHost.nbd(scene.export, size: Self.size))
    _ = try await scene.host.create(plan, [received])
    let seen = try await scene.simulator.read("machine", "broken")
    let nic = seen["devices"]?.arrayValue?.first { $0["mac"] != nil }
    #expect(nic?["mac"] != nil && nic?["mac"] != "52:54:00:12:34:56")
    let told = try scene.host.harness.notifications(DiagnosticNotification.self)
    #expect(told.contains { $0.diagnostic.code == "mac.renewed" })
  }

  @Test func aCancelledTransferLeavesNothing() async throws {
    let scene = try await Scene(bytesPerSecond: 150_000)
    let plan = try await scene.plan()
    let request = try ConnectorHarness.operation(
      DiskReceive(
        op: TestHost.op, job: scene.host.job, plan: plan, index: 0, target: [:],
        source: TestHost.nbd(scene.export, size: Self.size), checkpoint: nil))
    let id = try scene.host.harness.send(request)
    _ = try await scene.host.harness.message(within: 60) { $0.method == ProgressNotification.method }
    try await Task.sleep(for: .seconds(1))
    try scene.host.harness.cancel(id)
    let answer = try await scene.host.harness.message(within: 30) { $0.id == id }
    #expect(answer.error?.reason == .cancelled)
    #expect(answer.error?.outcome == Outcome.none)
    #expect(try await scene.proxy.log().calls.contains("HttpNfcLeaseAbort"))
    #expect(try await Scene.names(scene.simulator) == scene.machines)
    #expect(try await scene.host.found().isEmpty)
  }

  @Test func theProxyFindsWhatIsOutOfOrder() async throws {
    let scene = try await Scene()
    let text = String(
      decoding: try VimWriter.envelope(
        "RetrievePropertiesEx", on: MoRef("PropertyCollector", "propertyCollector"),
        ["options": .object(VimObject("RetrieveOptions", ["maxObjects": 1]))]), as: UTF8.self)
    let wrong = text.replacing("</options>", with: "</options><specSet></specSet>")
    _ = try await tool(
      "curl", ["-sS", "--cacert", scene.simulator.certificate, "--data-binary", wrong, scene.proxy.url + "/sdk"])
    let orders = try await scene.proxy.log().orders
    #expect(orders == ["Unexpected element tag \"specSet\" seen in RetrievePropertiesEx"])
  }

  /// Everything that the connector says, in a whole life of a machine, is in the order of the API.
  @Test(arguments: [Settings.Delivery.lease, .datastore])
  func nothingIsSentOutOfOrder(_ delivery: Settings.Delivery) async throws {
    let scene = try await Scene(["delivery": .string(delivery.rawValue)])
    let raw = scene.host.work.file("second.raw")
    try Images.make(raw, size: Self.size, data: [(2, 1)])
    let second = try Export(raw, in: scene.host.work)
    let request = Requests.request(
      scene.host.job, name: "ordered", sizes: [Self.size, Self.size], controllers: [.sata, .nvme], firmware: .uefi,
      secureBoot: true, nics: [.init(index: 0, mac: "00:50:56:00:00:01", network: "a"), .init(index: 1, network: "b")],
      dense: delivery == .datastore, boot: 1,
      mapping: Mapping(networks: ["a": "VM Network", "b": "DC0_DVPG0"], tags: ["a": "b"]),
      options: ["storagePolicy": "policy-1"])
    let (machine, _, plan) = try await scene.host.restore(
      request, [scene.export, second], sizes: [Self.size, Self.size])
    _ = try await scene.host.change(
      MachineConfigure(op: TestHost.op, job: scene.host.job, plan: plan, machine: machine, tags: [:], notes: "n"))
    _ = try await scene.host.power(machine, .on)
    _ = try await scene.host.verify(machine, ["powered", "agent", "ip", "screenshot"])
    _ = try await scene.host.power(machine, .stop)
    for kind in InventoryKind.allCases { _ = try await scene.host.harness.request(InventoryList(kind: kind.rawValue)) }
    _ = try await scene.host.rollBack()
    let log = try await scene.proxy.log()
    #expect(log.orders.isEmpty, "\(Set(log.orders))")
    #expect(log.calls.count > 60)
  }
}
