import Backups
import ConnectorProtocol
import Connectors
import Planning
import Support

/// Makes the machine around its disks, switched off, and says what else is known of it.
struct CreateStep {
  let context: JobContext
  let session: OpenSession
  let plan: RestorePlan
  let connectorPlan: PlanPreflight.Plan

  struct Outcome: Codable, Sendable {
    var machine: MachineReference
    var ignored: [MachineConfigure.Ignored]
  }

  func run(disks: [JSONValue]) async throws -> Outcome {
    let operations = context.operations(session)
    let created = try await operations.perform("machine/create") { operation, _ in
      MachineCreate(op: operation, job: context.jobID, plan: connectorPlan, disks: disks)
    }
    try context.store.updateJob(context.job.id) {
      $0.targetVMID = created.machine.id
      $0.targetVMName = created.machine.name
    }
    let machine = context.backup.backup.machine
    let configured = try await operations.perform("machine/configure") { operation, _ in
      MachineConfigure(
        op: operation, job: context.jobID, plan: connectorPlan, machine: created.machine,
        tags: machine.tags.merging(plan.mapping.tags) { _, mapped in mapped }, notes: machine.notes)
    }
    for ignored in configured.ignored {
      context.board.log(.warning, "connector", "\(ignored.what) was not carried over: \(ignored.why)")
    }
    return Outcome(machine: created.machine, ignored: configured.ignored)
  }
}
