public import ConnectorKit
public import ConnectorProtocol

/// A host in a test: drives a connector of its own, in this process, through the steps of a restore.
///
///     let host = try await TestHost(MyConnector.self, connection: ["folder": "/tmp/x"])
///     let (machine, disks, plan) = try await host.restore(request, [export], sizes: [size])
///     #expect(try await host.rollBack() == [.deleted])
///
/// Each step is one operation: sent with an id of its own, and waited for longer than the harness would, since many
/// tests run at once. A connector's tests extend it by an `init` that knows how to reach their platform.
public struct TestHost: Sendable {
  public let harness: ConnectorHarness
  public let job: JobID
  /// The connector's work folder.
  public let work: Scratch
  /// The connector's state folder. Outlives the host: give it to the next one.
  public let state: Scratch
  /// How long an answer may take, in seconds.
  public var patience = 180.0

  /// Starts the connector and opens a session.
  ///
  /// - Throws: What `initialize` or `session/open` answers.
  public init<C: Connector>(
    _ type: C.Type, connection: JSONValue, secrets: [String: String] = [:],
    job: JobID = JobID(TimeOrderedUUID.make()), state: Scratch? = nil
  ) async throws {
    self.job = job
    work = try Scratch()
    self.state = try state ?? Scratch()
    harness = try ConnectorHarness(type, workFolder: work.path)
    _ = try await harness.request(
      Initialize(protocolVersions: ProtocolVersion.supported, host: .init(name: "test", version: "1")))
    _ = try await answer(
      harness.send(SessionOpen(connection: connection, secrets: secrets, stateFolder: self.state.path)),
      as: SessionOpen.Result.self)
  }

  // MARK: Planning

  /// - Throws: `mappingInvalid` with the first blocker, where there is one.
  public func plan(_ request: PlanPreflight) async throws -> PlanPreflight.Plan {
    let result = try await preflight(request)
    if let blocker = result.diagnostics.first(where: { $0.severity == .blocker }) {
      throw ConnectorError(.mappingInvalid, "\(blocker.code): \(blocker.summary)")
    }
    return result.plan
  }

  /// What planning says; blockers are no error.
  public func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try await answer(harness.send(request), as: PlanPreflight.Result.self)
  }

  // MARK: The steps of a restore

  public func prepare(_ plan: PlanPreflight.Plan, _ index: Int) async throws -> DiskPrepare.Result {
    try await change(DiskPrepare(op: Self.op, job: job, plan: plan, index: index))
  }

  /// - Parameter target: What `prepare` has answered, where the connector looks at it.
  public func receive(
    _ plan: PlanPreflight.Plan, _ index: Int, _ source: DiskSource, target: JSONValue = [:], checkpoint: String? = nil,
    digest: Bool? = nil, readBack: Bool? = nil
  ) async throws -> DiskReceive.Result {
    try await change(
      DiskReceive(
        op: Self.op, job: job, plan: plan, index: index, target: target, source: source, checkpoint: checkpoint,
        digest: digest, readBack: readBack))
  }

  public func create(_ plan: PlanPreflight.Plan, _ disks: [DiskReceive.Result]) async throws -> MachineReference {
    try await change(MachineCreate(op: Self.op, job: job, plan: plan, disks: disks.map(\.disk))).machine
  }

  /// Plans, brings every disk and makes the machine.
  ///
  /// - Parameter sizes: Of the exports, in bytes.
  public func restore(
    _ request: PlanPreflight, _ exports: [Export], sizes: [Int64]
  ) async throws -> (machine: MachineReference, disks: [DiskReceive.Result], plan: PlanPreflight.Plan) {
    let plan = try await plan(request)
    let received = try await withThrowingTaskGroup(of: (Int, DiskReceive.Result).self) { group in
      for (index, export) in exports.enumerated() {
        let source = export.source(size: sizes[index], format: request.disks[index].format)
        group.addTask {
          let target = try await prepare(plan, index).target
          return (index, try await receive(plan, index, source, target: target))
        }
      }
      return try await group.reduce(into: [(Int, DiskReceive.Result)]()) { $0.append($1) }
    }
    let disks = received.sorted { $0.0 < $1.0 }.map(\.1)
    return (try await create(plan, disks), disks, plan)
  }

  public func power(_ machine: MachineReference, _ state: PowerState) async throws -> PowerState {
    try await change(MachinePower(op: Self.op, job: job, machine: machine, state: state)).state
  }

  public func verify(
    _ machine: MachineReference, _ kinds: [String], seconds: Int = 3
  ) async throws -> [MachineVerify.CheckResult] {
    try await change(
      MachineVerify(
        op: Self.op, job: job, machine: machine, checks: kinds.map { .init(kind: $0) }, timeoutMs: seconds * 1000)
    ).results
  }

  // MARK: What the job made

  public func found() async throws -> [Resource] {
    try await harness.request(ResourcesFind(job: job)).resources
  }

  public func delete(_ resources: [Resource]) async throws -> [ResourcesDelete.Deletion] {
    try await change(ResourcesDelete(op: Self.op, job: job, resources: resources)).results
  }

  /// Rolls back what `resources/find` finds, the last first; the state of each.
  public func rollBack() async throws -> [ResourcesDelete.State] {
    try await delete(found().reversed()).map(\.state)
  }

  public func commit() async throws {
    _ = try await change(JobCommit(op: Self.op, job: job, resources: try await found()))
  }

  // MARK: Requests

  /// Sends a request that changes something, as an operation of its own, and waits for its answer.
  ///
  /// - Throws: The connector's `ConnectorError`; `HarnessError` where none came.
  public func change<Request: MutatingRequest>(_ request: Request) async throws -> Request.Result {
    try await answer(harness.send(ConnectorHarness.operation(request)), as: Request.Result.self)
  }

  private func answer<Result: Decodable>(_ id: RequestID, as type: Result.Type) async throws -> Result {
    let answer = try await harness.message(within: patience) { $0.id == id }
    if let error = answer.error { throw error }
    return try (answer.result ?? [:]).decode(type)
  }

  /// Stands for the operation that `change` makes of a request.
  public static let op = Operation(id: OperationID(rawValue: ""), attempt: 1, digest: "")
}

/// The error that a request of the protocol ends with; nil where it ends well, or in another way.
public func refusal<T>(_ body: () async throws -> T) async -> ConnectorError? {
  do {
    _ = try await body()
    return nil
  } catch { return error as? ConnectorError }
}
