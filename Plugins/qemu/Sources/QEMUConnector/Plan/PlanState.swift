import ConnectorKit
import ConnectorProtocol

/// Plans as they come back from the host: only what this connector wrote, for this folder, is carried out.
enum PlanState {
  /// - Throws: `planStale`.
  static func read(_ plan: PlanPreflight.Plan, job: JobID? = nil, store: MachineStore) throws -> MachinePlan {
    let state = try MachinePlan.read(plan, job: job)
    guard state.folder == store.path else {
      throw MachinePlan.stale("The plan is for \(state.folder), and the target now has \(store.path).")
    }
    guard NameRule.accepts(state.name), NameRule.acceptsJob(state.job.rawValue) else {
      throw MachinePlan.stale("The plan's machine has a name that is not possible.")
    }
    return state
  }
}
