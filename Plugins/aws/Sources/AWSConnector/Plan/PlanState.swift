import ConnectorKit
import ConnectorProtocol

/// Reads the plan that comes back with a request.
enum PlanState {
  /// - Throws: `planStale` where it is not one that this connector made, or for another job or region.
  static func read(
    _ plan: PlanPreflight.Plan, job: JobID? = nil, region: String? = nil
  ) throws -> MachinePlan {
    let state = try MachinePlan.read(plan, job: job)
    guard state.root != nil else { throw MachinePlan.stale("The plan is not one that this connector made.") }
    guard region == nil || region == state.region else {
      throw MachinePlan.stale("The plan is for region '\(state.region)', and the target is not.")
    }
    return state
  }
}
