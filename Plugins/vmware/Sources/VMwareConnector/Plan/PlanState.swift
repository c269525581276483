import ConnectorKit
import ConnectorProtocol

/// Reads the plan that comes back with a request.
enum PlanState {
  /// - Throws: `planStale` where it is not one that this connector made, or for another job or delivery.
  static func read(
    _ plan: PlanPreflight.Plan, job: JobID? = nil, delivery: Settings.Delivery? = nil
  ) throws -> MachinePlan {
    let state = try MachinePlan.read(plan, job: job)
    guard delivery == nil || delivery == state.delivery else {
      throw MachinePlan.stale("The plan delivers disks by '\(state.delivery.rawValue)', and the target now does not.")
    }
    return state
  }
}
