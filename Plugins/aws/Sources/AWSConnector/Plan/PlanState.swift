import ConnectorProtocol

/// Reads the plan that comes back with a request.
enum PlanState {
  /// - Throws: `planStale` where it is not one that this connector made, or for another job or region.
  static func read(
    _ plan: PlanPreflight.Plan, job: JobID? = nil, region: String? = nil
  ) throws -> MachinePlan {
    let digest = SHA256.hex(try CanonicalJSON.encode(plan.state))
    guard digest == plan.digest, let state = try? plan.state.decode(MachinePlan.self),
      state.schema == MachinePlan.currentSchema, state.root != nil
    else { throw stale("The plan is not one that this connector made.") }
    guard job == nil || job == state.job else { throw stale("The plan belongs to another job.") }
    guard region == nil || region == state.region else {
      throw stale("The plan is for region '\(state.region)', and the target is not.")
    }
    return state
  }

  private static func stale(_ why: String) -> ConnectorError {
    ConnectorError(.planStale, why, remedy: "Plan again.", outcome: .none)
  }
}
