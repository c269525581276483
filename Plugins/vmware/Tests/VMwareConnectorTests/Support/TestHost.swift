import ConnectorKit
import ConnectorProtocol
import Foundation

@testable import VMwareConnector

/// A host in a test: drives a connector of its own through the steps of a restore.
struct TestHost: Sendable {
  let harness: ConnectorHarness
  let job: JobID
  let work: Scratch

  init(
    _ connection: JSONValue, secrets: [String: String] = Simulator.secrets,
    job: JobID = JobID(TimeOrderedUUID.make())
  ) async throws {
    self.job = job
    work = try Scratch()
    harness = try ConnectorHarness(VMwareConnector.self, workFolder: work.path)
    try await harness.open(connection: connection, secrets: secrets)
  }

  func plan(_ request: PlanPreflight) async throws -> PlanPreflight.Plan {
    let result = try await harness.request(request)
    if let blocker = result.diagnostics.first(where: { $0.severity == .blocker }) {
      throw ConnectorError(.mappingInvalid, "\(blocker.code): \(blocker.summary)")
    }
    return result.plan
  }

  func receive(_ plan: PlanPreflight.Plan, _ index: Int, _ source: DiskSource) async throws -> DiskReceive.Result {
    try await change(
      DiskReceive(op: Self.op, job: job, plan: plan, index: index, target: [:], source: source, checkpoint: nil))
  }

  func create(_ plan: PlanPreflight.Plan, _ disks: [DiskReceive.Result]) async throws -> MachineReference {
    try await change(MachineCreate(op: Self.op, job: job, plan: plan, disks: disks.map(\.disk))).machine
  }

  /// Plans, brings every disk and makes the machine.
  func restore(
    _ request: PlanPreflight, _ exports: [Export], sizes: [Int64]
  ) async throws -> (machine: MachineReference, disks: [DiskReceive.Result], plan: PlanPreflight.Plan) {
    let plan = try await plan(request)
    let received = try await withThrowingTaskGroup(of: (Int, DiskReceive.Result).self) { group in
      for (index, export) in exports.enumerated() {
        group.addTask { (index, try await receive(plan, index, Self.nbd(export, size: sizes[index]))) }
      }
      return try await group.reduce(into: [(Int, DiskReceive.Result)]()) { $0.append($1) }
    }
    let disks = received.sorted { $0.0 < $1.0 }.map(\.1)
    return (try await create(plan, disks), disks, plan)
  }

  func power(_ machine: MachineReference, _ state: PowerState) async throws -> PowerState {
    try await change(MachinePower(op: Self.op, job: job, machine: machine, state: state)).state
  }

  func verify(_ machine: MachineReference, _ kinds: [String], seconds: Int = 3) async throws
    -> [MachineVerify.CheckResult]
  {
    try await change(
      MachineVerify(
        op: Self.op, job: job, machine: machine, checks: kinds.map { .init(kind: $0) }, timeoutMs: seconds * 1000)
    ).results
  }

  func found() async throws -> [Resource] {
    try await harness.request(ResourcesFind(job: job)).resources
  }

  func delete(_ resources: [Resource]) async throws -> [ResourcesDelete.Deletion] {
    try await change(ResourcesDelete(op: Self.op, job: job, resources: resources)).results
  }

  /// Rolls back what `resources/find` finds; the state of each.
  func rollBack() async throws -> [ResourcesDelete.State] {
    try await delete(found()).map(\.state)
  }

  func commit() async throws {
    _ = try await change(JobCommit(op: Self.op, job: job, resources: try await found()))
  }

  func change<Request: MutatingRequest>(_ request: Request) async throws -> Request.Result {
    let id = try harness.send(ConnectorHarness.operation(request))
    // Longer than the harness waits: many tests run at once.
    let answer = try await harness.message(within: 180) { $0.id == id }
    if let error = answer.error { throw error }
    return try (answer.result ?? [:]).decode(Request.Result.self)
  }

  static let op = Operation(id: OperationID(rawValue: ""), attempt: 1, digest: "")

  static func nbd(_ export: Export, size: Int64, generation: String = "g1") -> DiskSource {
    DiskSource(kind: "nbd", location: export.uri, format: "vmdk", sizeBytes: size, generation: generation)
  }
}
