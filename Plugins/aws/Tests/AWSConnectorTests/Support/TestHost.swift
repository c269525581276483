import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import Foundation

@testable import AWSConnector

/// A host in a test: drives a connector of its own through the steps of a restore.
struct TestHost: Sendable {
  let harness: ConnectorHarness
  let job: JobID
  let work: Scratch
  /// Outlives the host: give it to the next one.
  let state: Scratch

  init(
    _ connection: JSONValue, secrets: [String: String], job: JobID = JobID(TimeOrderedUUID.make()),
    state: Scratch? = nil
  ) async throws {
    self.job = job
    work = try Scratch()
    self.state = try state ?? Scratch()
    harness = try ConnectorHarness(AWSConnector.self, workFolder: work.path)
    _ = try await harness.request(
      Initialize(protocolVersions: ProtocolVersion.supported, host: .init(name: "test", version: "1")))
    _ = try await harness.request(
      SessionOpen(connection: connection, secrets: secrets, stateFolder: self.state.path))
  }

  init(
    _ cloud: AWSServer, _ more: [String: JSONValue] = [:], job: JobID = JobID(TimeOrderedUUID.make()),
    state: Scratch? = nil
  ) async throws {
    // Of all types the servers take seconds to tell: only what is about the choice lets one be chosen.
    let members: [String: JSONValue] = ["instanceType": "m5.large"]
    try await self.init(
      cloud.connection(members.merging(more) { _, new in new }), secrets: cloud.secrets, job: job, state: state)
  }

  func plan(_ request: PlanPreflight) async throws -> PlanPreflight.Plan {
    let result = try await change { try harness.send(request) } as PlanPreflight.Result
    if let blocker = result.diagnostics.first(where: { $0.severity == .blocker }) {
      throw ConnectorError(.mappingInvalid, "\(blocker.code): \(blocker.summary)")
    }
    return result.plan
  }

  /// What planning says; blockers are no error.
  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try await change { try harness.send(request) }
  }

  func receive(
    _ plan: PlanPreflight.Plan, _ index: Int, _ source: DiskSource, checkpoint: String? = nil, readBack: Bool = false
  ) async throws -> DiskReceive.Result {
    try await change(
      DiskReceive(
        op: Self.op, job: job, plan: plan, index: index, target: [:], source: source, checkpoint: checkpoint,
        readBack: readBack))
  }

  func create(_ plan: PlanPreflight.Plan, _ disks: [DiskReceive.Result]) async throws -> MachineReference {
    try await change(MachineCreate(op: Self.op, job: job, plan: plan, disks: disks.map(\.disk))).machine
  }

  /// Plans, brings every disk and makes the machine.
  func restore(
    _ request: PlanPreflight, _ exports: [Export], sizes: [Int64]
  ) async throws -> (machine: MachineReference, disks: [DiskReceive.Result], plan: PlanPreflight.Plan) {
    let plan = try await plan(request)
    var disks: [DiskReceive.Result] = []
    for (index, export) in exports.enumerated() {
      disks.append(try await receive(plan, index, Self.nbd(export, size: sizes[index])))
    }
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

  /// Rolls back what `resources/find` finds, the last first; the state of each.
  func rollBack() async throws -> [ResourcesDelete.State] {
    try await delete(found().reversed()).map(\.state)
  }

  func commit() async throws {
    _ = try await change(JobCommit(op: Self.op, job: job, resources: try await found()))
  }

  func change<Request: MutatingRequest>(_ request: Request) async throws -> Request.Result {
    try await change { try harness.send(ConnectorHarness.operation(request)) }
  }

  private func change<Result: Decodable>(_ send: () throws -> RequestID) async throws -> Result {
    let id = try send()
    // Longer than the harness waits: many tests run at once.
    let answer = try await harness.message(within: 180) { $0.id == id }
    if let error = answer.error { throw error }
    return try (answer.result ?? [:]).decode(Result.self)
  }

  static let op = ConnectorProtocol.Operation(id: OperationID(rawValue: ""), attempt: 1, digest: "")

  static func nbd(_ export: Export, size: Int64, generation: String = "g1") -> DiskSource {
    DiskSource(kind: "nbd", location: export.uri, format: "raw", sizeBytes: size, generation: generation)
  }
}

/// The error that a request of the protocol ends with.
func refusal<T>(_ body: () async throws -> T) async -> ConnectorError? {
  do {
    _ = try await body()
    return nil
  } catch { return error as? ConnectorError }
}
