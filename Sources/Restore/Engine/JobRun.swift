import ConnectorProtocol
import Connectors
import Planning
import Support

/// One attempt at a job: its steps, in order, those left out that an earlier attempt completed.
struct JobRun: Sendable {
  let context: JobContext
  /// How often a connector that dies is started again before the step fails.
  private static let maxRestarts = 2

  init(context: JobContext) {
    self.context = context
  }

  func run() async throws {
    var restarts = 0
    while true {
      do {
        return try await attempt()
      } catch let error as AscendError where Self.isDeath(error) && restarts < Self.maxRestarts {
        // Everything that was done is written down: a new process takes it up from the last checkpoint.
        restarts += 1
        context.board.log(.warning, "connector", "\(error). It is started again (\(restarts) of \(Self.maxRestarts))")
        try Task.checkCancellation()
      }
    }
  }

  private static func isDeath(_ error: AscendError) -> Bool {
    ["connector.died", "source.lost"].contains(error.code)
  }

  private func attempt() async throws {
    try refuseChangedBackup()
    try await context.engine.withDisks(
      of: context.backup, job: context.jobID, folder: context.folder, board: context.board
    ) { backup in
      var context = self.context
      context.backup = backup
      let run = JobRun(context: context)
      try await context.engine.withSession(
        target: context.target, installation: context.installation, workFolder: context.workFolder,
        job: context.jobID, events: context.board
      ) { session in
        try await run.steps(session)
      }
    }
  }

  /// In every attempt: an overlay over a backup that has changed since is a corrupt disk.
  private func refuseChangedBackup() throws(AscendError) {
    guard try BackupFingerprint.of(context.backup.backup) == context.backup.fingerprint else {
      throw AscendError(
        "backup.changed", "The backup's files have changed since it was added", object: context.backup.path,
        remedy: "Add it again with `ascend backups add \(context.backup.path)`")
    }
  }

  private func steps(_ session: OpenSession) async throws {
    let plan: RestorePlan = try await step(.validate) {
      try await ValidateStep(context: context, session: session).run()
    }
    guard let connectorPlan = plan.connectorPlan else {
      throw AscendError("plan.incomplete", "The connector gave no plan", object: context.target.platform)
    }
    let prepared: PrepareStep.Outcome = try await step(.prepare) {
      try await PrepareStep(context: context, session: session, plan: plan).run()
    }
    let transferred: TransferStep.Outcome = try await step(.transfer) {
      try await TransferStep(
        context: context, session: session, plan: plan, connectorPlan: connectorPlan, prepared: prepared
      ).run()
    }
    let created: CreateStep.Outcome = try await step(.create) {
      try await CreateStep(context: context, session: session, plan: plan, connectorPlan: connectorPlan)
        .run(disks: transferred.disks.map(\.disk))
    }
    if context.job.options.start {
      let _: MachinePower.Result = try await step(.start) {
        try await context.operations(session).perform("machine/power on") { operation, _ in
          MachinePower(op: operation, job: context.jobID, machine: created.machine, state: .on)
        }
      }
      let _: VerifyStep.Outcome = try await step(.verify) {
        try await VerifyStep(
          operations: context.operations(session), board: context.board, session: session, machine: created.machine
        ).run()
      }
    } else {
      try context.board.end(.start, .skipped)
      try context.board.end(.verify, .skipped)
    }
    try await commit(session)
  }

  /// Runs a step, or gives what it left in an earlier attempt that completed it.
  private func step<Outcome: Codable & Sendable>(
    _ name: RestoreStep.Name, _ body: () async throws -> Outcome
  ) async throws -> Outcome {
    let record = try context.store.steps(of: context.job.id).first { $0.stepName == name }
    if let record, record.status == .completed {
      context.board.log(.info, "step", "\(name.rawValue) was completed before")
      return try record.metadata.decode(Outcome.self)
    }
    try Task.checkCancellation()
    try context.board.start(name)
    do {
      let outcome = try await body()
      try context.board.end(name, .completed, metadata: JSONValue.encoding(outcome))
      return outcome
    } catch {
      let failure = StepFailure.error(error, step: name, platform: context.target.platform)
      try context.board.end(name, .failed, error: failure)
      throw failure
    }
  }

  /// The restore is done: temporary resources go, and nothing is rolled back any more.
  private func commit(_ session: OpenSession) async throws {
    let existing = try context.store.ledger(of: context.job.id).filter { $0.state.mayExist }.map(\.resource)
    let result = try await context.operations(session).perform("job/commit") { operation, _ in
      JobCommit(op: operation, job: context.jobID, resources: existing)
    }
    for resource in result.removed {
      try context.store.settle(job: context.job.id, kind: resource.kind, name: resource.name, as: .deleted)
    }
    for resource in result.kept {
      try context.store.settle(job: context.job.id, kind: resource.kind, name: resource.name, as: .released)
    }
  }
}
