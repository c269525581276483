import ConnectorProtocol
import Connectors
public import Planning
public import Support

extension RestoreEngine {
  /// Gives the machine of a completed job other disk controllers and network interfaces, and back.
  ///
  /// The machine is switched off for it, and on again where it ran before. The job stays completed; its log and
  /// `RestoreJob.hardware` say what was done.
  ///
  /// - Parameter start: False leaves the machine off.
  /// - Throws: `promote.notCompleted`, `promote.rolledBack`, `promote.unsupported` where the connector cannot,
  ///   `promote.nothing`, `promote.notOffered`, `promote.noDriver`, `promote.notVerified` where the machine does not come
  ///   up with it, and what the connector says.
  public func promote(
    _ id: String, _ wish: PromotionWish, start: Bool, observer: any RestoreObserver
  ) async throws(AscendError) -> PromotionReport {
    let folder = state.jobFolder(id)
    try StateDirectory.makePrivate(folder)
    let lock = try JobLock(folder: folder, job: id)
    defer { withExtendedLifetime(lock) {} }
    let job = try store.job(id)
    let target = try store.target(job.targetID)
    let board = JobBoard(job: id, store: store, observer: observer, isOver: true)
    let restored = try restored(job)
    do {
      return try await withSession(
        target: target, installation: try connectors.find(target.platform), workFolder: folder + "/connector",
        job: job.jobID, events: board
      ) { session in
        try await Promotion(
          job: job, plan: restored.plan, connectorPlan: restored.connectorPlan, machine: restored.machine,
          store: store, board: board, session: session
        ).run(wish, start: start)
      }
    } catch {
      var failure = Self.hostError(error, target: target)
      if failure.code == "cancelled" { failure.message = "The change of the machine's hardware was cancelled" }
      board.log(.error, "hardware", "The machine's hardware: \(failure)")
      throw failure
    }
  }

  /// What a completed job made, and by what plan.
  private func restored(
    _ job: RestoreJob
  ) throws(AscendError) -> (plan: RestorePlan, connectorPlan: PlanPreflight.Plan, machine: MachineReference) {
    switch job.status {
    case .completed: break
    case .rolledBack, .cancelled:
      throw AscendError(
        "promote.rolledBack", "The job's machine was removed again", object: job.id,
        cause: "it is \(job.status.rawValue)", remedy: "Restore it anew with `ascend jobs retry \(job.id)`")
    case .pending, .converting, .uploading, .creating, .failed:
      throw AscendError(
        "promote.notCompleted", "The job is not completed: there is no machine to change yet", object: job.id,
        cause: "it is \(job.status.rawValue)",
        remedy: "See it with `ascend jobs show \(job.id)`, and go on with `ascend jobs retry \(job.id)`")
    }
    let made = try store.steps(of: job.id).first { $0.stepName == .create }?.metadata
    guard let plan = job.plan, let connectorPlan = plan.connectorPlan,
      let outcome = try? made?.decode(CreateStep.Outcome.self)
    else {
      throw AscendError("promote.notCompleted", "It is not on record what the job made", object: job.id)
    }
    return (plan, connectorPlan, outcome.machine)
  }
}
