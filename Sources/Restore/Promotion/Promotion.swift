import ConnectorProtocol
import Connectors
import Planning
import Support

/// One change of a machine's hardware: off, changed, on again, looked at.
struct Promotion: Sendable {
  let job: RestoreJob
  let plan: RestorePlan
  let connectorPlan: PlanPreflight.Plan
  let machine: MachineReference
  let store: Store
  let board: JobBoard
  let session: OpenSession

  private var operations: OperationRunner {
    OperationRunner(job: job.id, store: store, session: session, board: board)
  }
  private var checks: VerifyStep {
    VerifyStep(operations: operations, board: board, session: session, machine: machine)
  }

  func run(_ wish: PromotionWish, start: Bool) async throws -> PromotionReport {
    guard session.document.methods.contains(MachinePromote.method) else {
      throw AscendError(
        "promote.unsupported", "The connector cannot change the hardware of a machine that is there",
        object: job.targetPlatform,
        remedy: "Switch the machine off, change it on the platform itself, and switch it on")
    }
    let present = job.presentHardware ?? plan.hardware.devices
    let wanted = try PromotionChooser(plan: plan, present: present, document: session.document).choose(wish)
    board.log(.info, "hardware", "From \(present.text) to \(wanted.text)")
    let ran = try await isRunning()
    if ran { try await power(.stop) }
    let result: MachinePromote.Result
    do {
      result = try await operations.perform("machine/promote \(TimeOrderedUUID.make())") { operation, _ in
        MachinePromote(
          op: operation, job: job.jobID, plan: connectorPlan, machine: machine, hardware: wanted)
      }
    } catch {
      if ran { await startAgain() }
      throw error
    }
    try store.updateJob(job.id) { $0.hardware = result.hardware }
    board.log(
      .info, "hardware",
      result.changed
        ? "The machine has \(result.hardware.text) now; it had \(result.previous.text)"
        : "The machine had \(result.hardware.text) already")
    if plan.guest?.family == "windows", result.previous.nicModel != result.hardware.nicModel {
      board.log(
        .warning, "hardware",
        "To Windows the network interface is a new one: an address that was set in the old one must be set again")
    }
    var report = PromotionReport(
      job: job.id, machine: machine, previous: result.previous, hardware: result.hardware, changed: result.changed,
      running: false, checks: [])
    guard ran, start else { return report }
    try await power(.on)
    report.running = true
    report.checks = try await checks.look()
    if let failed = report.checks.first(where: \.isFailure) {
      throw AscendError(
        "promote.notVerified", "With its new hardware the machine does not pass the check \(failed.kind)",
        object: machine.name, cause: failed.detail,
        remedy: Sentences.joined([
          failed.evidence.map { "See \($0)" }, "`ascend jobs promote \(job.id) --back` returns to what it had",
        ]))
    }
    return report
  }

  /// As the connector sees it; where it does not look, as the restore left the machine.
  private func isRunning() async throws -> Bool {
    guard session.document.verify.contains("powered") else { return job.options.start }
    return try await checks.ask(["powered"], timeoutMs: 10_000).first?.pass ?? false
  }

  private func power(_ state: PowerState) async throws {
    _ = try await operations.perform(
      "machine/power \(state) \(TimeOrderedUUID.make())",
      deadline: CallDeadline(idle: .seconds(300), absolute: .seconds(600))
    ) { operation, _ in
      MachinePower(op: operation, job: job.jobID, machine: machine, state: state)
    }
  }

  /// The machine ran before and is as it was: it runs on. The task may be cancelled, so this is one of its own.
  private func startAgain() async {
    await Task {
      do { try await power(.on) } catch {
        board.log(.error, "hardware", "The machine is as it was, but could not be switched on again: \(error)")
      }
    }.value
  }
}
