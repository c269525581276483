import ConnectorProtocol
import Connectors
public import Planning
public import Support

/// Is the target ready, and can the plan be carried out?
struct ValidateStep {
  let context: JobContext
  let session: OpenSession

  /// - Throws: `plan.blocked`, and what the connector says.
  func run() async throws -> RestorePlan {
    context.board.message("asking the target")
    let plan = try await context.engine.planning.plan(
      backup: context.backup, target: context.target, options: context.job.options, job: context.jobID,
      session: session, notice: { context.board.message($0) })
    try context.store.updateJob(context.job.id) {
      $0.plan = plan
      $0.targetVMName = plan.machineName
      $0.bytesTotal = plan.estimate.bytesToMove
    }
    for diagnostic in plan.diagnostics where diagnostic.severity == .warning {
      context.board.log(.warning, "plan", diagnostic.summary)
    }
    guard !plan.isBlocked else { throw PlanBlocked(plan: plan).error }
    if context.job.options.verifyDisks == .full {
      context.board.message("reading the backup to compare it with the catalog")
      try await context.engine.digests.require(context.backup)
    }
    return plan
  }
}

/// A plan that cannot be carried out, as an error.
public struct PlanBlocked: Sendable {
  public let plan: RestorePlan

  public init(plan: RestorePlan) { self.plan = plan }

  public var error: AscendError {
    let blockers = plan.diagnostics.filter { $0.severity == .blocker }
    return AscendError(
      "plan.blocked", "The restore is blocked", object: "\(plan.backup.name) to \(plan.target.name)",
      cause: blockers.map(\.summary).joined(separator: "; "),
      remedy: Sentences.joined(blockers.map(\.action)).nonEmpty)
  }
}

extension String {
  /// Nil for the empty text.
  var nonEmpty: String? { isEmpty ? nil : self }
}
