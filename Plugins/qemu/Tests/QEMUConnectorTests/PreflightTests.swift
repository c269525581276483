import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Testing

@testable import QEMUConnector

@Suite struct PreflightTests {
  private let scratch: Scratch
  private let store: MachineStore

  init() throws {
    scratch = try Scratch()
    store = MachineStore(path: scratch.file("machines"))
  }

  private func run(_ request: PlanPreflight, settings: JSONValue = [:]) throws -> PlanPreflight.Result {
    try Preflight(
      request: request, store: store,
      host: Host(version: Host.oldest, processors: 2, memoryBytes: 8 << 30), settings: Settings.read(settings),
      finding: .init(accelerator: .kvm)
    ).run()
  }

  private func blockers(_ request: PlanPreflight) throws -> [String] {
    try run(request).diagnostics.filter { $0.severity == .blocker }.map(\.code)
  }

  @Test func `a plain machine is accepted, twice the same, and nothing is made`() throws {
    let request = Plans.request(job: Plans.job(), machine: Plans.machine(nics: [.init(index: 0)]))
    let result = try run(request)
    #expect(result.diagnostics.map(\.code) == ["network.defaulted"])
    #expect(result.adjustments.isEmpty)
    #expect(result.resources.map(\.name) == ["vm"])
    #expect(try run(request) == result)
    #expect(scratch.names.isEmpty)
    #expect(try PlanState.read(result.plan, job: request.job, store: store).name == "vm")
  }

  @Test func `sizes that are not possible are adjusted, and it is said`() throws {
    let request = Plans.request(job: Plans.job(), size: 4 * mebibyte + 1, machine: Plans.machine(memoryBytes: 3 << 30))
    let result = try run(request, settings: ["memoryLimit": "1GiB"])
    #expect(result.disks.map(\.effectiveSizeBytes) == [4 * mebibyte + 512])
    #expect(result.adjustments.map(\.to) == [String(1 << 30)])
    #expect(result.adjustments.first?.at == "/machine/memoryBytes")
    let odd = try run(Plans.request(job: Plans.job(), machine: Plans.machine(memoryBytes: 256 * mebibyte + 5)))
    #expect(odd.adjustments.map(\.to) == [String(257 * mebibyte)])
    let huge = try run(Plans.request(job: Plans.job(), machine: Plans.machine(memoryBytes: .max)))
    #expect(huge.adjustments.map(\.to) == [String(8 << 30)])
  }

  @Test func `what cannot be is said all at once, with where it is`() throws {
    var request = Plans.request(
      job: Plans.job(), name: "../x", format: "vmdk", controller: "pvscsi",
      machine: Plans.machine(nics: [.init(index: 0, network: "LAN")]), mapping: Mapping(networks: ["LAN": "br0"]))
    request.hardware.tpm = true
    request.hardware.arch = "aarch64"
    let found = try run(request).diagnostics.filter { $0.severity == .blocker }
    #expect(
      Set(found.map(\.code)) == [
        "name.invalid", "controller.unknown", "mapping.network", "tpm.unavailable", "guestUnsupported",
      ])
    #expect(found.allSatisfy { $0.at?.hasPrefix("/") == true })
  }

  @Test func `controllers and their limits`() throws {
    #expect(
      try blockers(Plans.request(job: Plans.job(), controller: "ide", firmware: .uefi)).contains("controller.firmware"))
    var mixed = Plans.request(job: Plans.job(), controller: "ide")
    mixed.disks.append(.init(index: 1, sizeBytes: 512, format: "raw", access: "nbd", boot: false))
    mixed.hardware.controllers.append("sata")
    #expect(try blockers(mixed) == ["controller.mixed"])
    var many = Plans.request(job: Plans.job(), controller: "ide")
    many.disks = (0..<5).map { .init(index: $0, sizeBytes: 512, format: "raw", access: "nbd", boot: $0 == 0) }
    many.hardware.controllers = Array(repeating: "ide", count: 5)
    #expect(try blockers(many) == ["controller.full"])
    #expect(try blockers(Plans.request(job: Plans.job(), format: "vmdk")) == ["disk.form"])
    #expect(try blockers(Plans.request(job: Plans.job(), size: 0)) == ["disk.size"])
  }

  @Test func `a taken name and a lack of room`() throws {
    _ = try store.take(Plans.plan(job: Plans.job().rawValue, folder: store.path))
    #expect(try blockers(Plans.request(job: Plans.job())) == ["nameTaken"])
    let large = Plans.request(job: Plans.job(), name: "b", size: 8 << 40, allocated: 8 << 40)
    #expect(try blockers(large) == ["capacityExhausted"])
    #expect(try blockers(Plans.request(job: Plans.job(), name: "b", size: 8 << 40, allocated: 1)).isEmpty)
  }

  @Test func `only plans of this connector and folder are carried out`() throws {
    let request = Plans.request(job: Plans.job())
    var plan = try run(request).plan
    let good = plan
    guard case .object(var members) = plan.state else {
      Issue.record("the state is no object")
      return
    }
    members["name"] = "../../etc"
    plan.state = .object(members)
    #expect(throws: ConnectorError.self) { try PlanState.read(plan, store: store) }
    plan.digest = SHA256.hex(try CanonicalJSON.encode(plan.state))
    #expect(throws: ConnectorError.self) { try PlanState.read(plan, store: store) }
    #expect(throws: ConnectorError.self) { try PlanState.read(good, job: Plans.job(), store: store) }
    #expect(throws: ConnectorError.self) { try PlanState.read(good, store: MachineStore(path: "/elsewhere")) }
  }
}
