import ConnectorProtocol
import Foundation

/// Plans as they come back from the host: only what this connector wrote, for this folder, is carried out.
enum PlanState {
  static func read(_ plan: PlanPreflight.Plan, job: JobID? = nil, store: MachineStore) throws -> MachinePlan {
    guard SHA256.hex(try CanonicalJSON.encode(plan.state)) == plan.digest,
      let state = try? plan.state.decode(MachinePlan.self), state.schema == MachinePlan.currentSchema
    else { throw stale("it is not as this connector wrote it") }
    guard job == nil || state.job == job else { throw stale("it is of another job") }
    guard state.folder == store.path else { throw stale("it is for \(state.folder), the target now has \(store.path)") }
    guard NameRule.accepts(state.name), NameRule.acceptsJob(state.job.rawValue) else {
      throw stale("its machine's name is not possible")
    }
    return state
  }

  private static func stale(_ why: String) -> ConnectorError {
    ConnectorError(.planStale, "The plan cannot be carried out: \(why).", remedy: "Plan again.", outcome: .none)
  }
}
