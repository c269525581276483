import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation

@testable import QEMUConnector

/// A host in a test: drives a connector of its own through the steps of a restore.
struct TestHost: Sendable {
  let harness: ConnectorHarness
  let scratch: Scratch
  let job: JobID

  var machines: String { scratch.file("machines") }

  init(_ scratch: Scratch, job: JobID, machines: String? = nil) async throws {
    self.scratch = scratch
    self.job = job
    let work = scratch.file("work-\(Int.random(in: 0..<1_000_000))")
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    harness = try ConnectorHarness(QEMUConnector.self, workFolder: work)
    try await harness.open(connection: ["folder": .string(machines ?? scratch.file("machines")), "accel": "tcg"])
  }

  func plan(_ request: PlanPreflight) async throws -> PlanPreflight.Plan {
    let result = try await harness.request(request)
    if let blocker = result.diagnostics.first(where: { $0.severity == .blocker }) {
      throw ConnectorError(.mappingInvalid, blocker.summary)
    }
    return result.plan
  }

  func prepare(_ plan: PlanPreflight.Plan) async throws -> DiskPrepare.Result {
    try await change(DiskPrepare(op: Self.op, job: job, plan: plan, index: 0))
  }

  func receive(
    _ plan: PlanPreflight.Plan, _ source: DiskSource, checkpoint: String? = nil, digest: Bool? = nil,
    readBack: Bool? = nil
  ) async throws -> DiskReceive.Result {
    var request = receiving(plan, source, checkpoint: checkpoint)
    request.digest = digest
    request.readBack = readBack
    return try await change(request)
  }

  func receiving(_ plan: PlanPreflight.Plan, _ source: DiskSource, checkpoint: String? = nil) -> DiskReceive {
    DiskReceive(
      op: Self.op, job: job, plan: plan, index: 0, target: [:], source: source, checkpoint: checkpoint)
  }

  func create(_ plan: PlanPreflight.Plan, _ disk: JSONValue) async throws -> MachineReference {
    try await change(MachineCreate(op: Self.op, job: job, plan: plan, disks: [disk])).machine
  }

  func power(_ machine: MachineReference, _ state: PowerState) async throws -> PowerState {
    try await change(MachinePower(op: Self.op, job: job, machine: machine, state: state)).state
  }

  func verify(_ machine: MachineReference, _ kinds: [String], seconds: Int = 400) async throws
    -> [MachineVerify.CheckResult]
  {
    let request = try ConnectorHarness.operation(
      MachineVerify(
        op: Self.op, job: job, machine: machine, checks: kinds.map { .init(kind: $0) }, timeoutMs: seconds * 1000))
    let id = try harness.send(request)
    let answer = try await harness.message(within: Double(seconds) + 60) { $0.id == id }
    if let error = answer.error { throw error }
    return try (answer.result ?? [:]).decode(MachineVerify.Result.self).results
  }

  func found() async throws -> [String] {
    try await harness.request(ResourcesFind(job: job)).resources.map(\.name)
  }

  /// Rolls back what `resources/find` finds; the state of each.
  func rollBack() async throws -> [ResourcesDelete.State] {
    let resources = try await harness.request(ResourcesFind(job: job)).resources
    return try await delete(resources)
  }

  func delete(_ resources: [Resource]) async throws -> [ResourcesDelete.State] {
    try await change(ResourcesDelete(op: Self.op, job: job, resources: resources)).results.map(\.state)
  }

  func change<Request: MutatingRequest>(_ request: Request) async throws -> Request.Result {
    let id = try harness.send(ConnectorHarness.operation(request))
    // Longer than the harness waits: many tests run at once.
    let answer = try await harness.message(within: 120) { $0.id == id }
    if let error = answer.error { throw error }
    return try (answer.result ?? [:]).decode(Request.Result.self)
  }

  static let op = Operation(id: OperationID(rawValue: ""), attempt: 1, digest: "")

  static func nbd(_ export: Export, size: Int64, generation: String = "g1") -> DiskSource {
    DiskSource(kind: "nbd", location: export.uri, format: "raw", sizeBytes: size, generation: generation)
  }
}
