public import ConnectorKit
public import ConnectorProtocol
import Foundation

extension QEMUSession {
  public func configure(
    _ request: MachineConfigure, _ operation: OperationContext
  ) async throws -> MachineConfigure.Result {
    let plan = try PlanState.read(request.plan, job: request.job, store: store)
    try await on(request.machine, request.job, "Noting tags and notes") { [store] _, _ in
      try store.update(request.machine.id, by: request.job) { mark in
        mark.tags = plan.tags.merging(request.tags) { _, new in new }
        mark.notes = request.notes ?? plan.notes
      }
    }
    return MachineConfigure.Result(applied: ["tags"] + (request.notes == nil ? [] : ["notes"]))
  }

  public func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    let (folder, mark) = try await on(request.machine, request.job, "Looking at the machine") { ($0, $1) }
    guard mark.state == .complete else {
      throw Failure.noMachine(request.machine.id, in: store.path, why: "it has not been made yet")
    }
    let power = Power(folder: folder, name: mark.name)
    operation.progress(phase: "power", done: 0, total: 1, unit: "steps", message: "power \(request.state)")
    switch request.state {
    case .on:
      if let why = finding.why {
        operation.diagnostic(
          Diagnostic(
            severity: .note, code: "accel.emulated", summary: "Machine '\(mark.name)' is emulated (TCG): \(why)."))
      }
      try await power.on(finding.accelerator)
      return MachinePower.Result(state: .on)
    case .off:
      try await Blocking.run { try power.off() }
      return MachinePower.Result(state: .off)
    case .stop:
      let cancelled = Flag()
      let asked = try await withTaskCancellationHandler {
        try await Blocking.run { try power.stop(unless: cancelled) }
      } onCancel: {
        cancelled.raise()
      }
      if !asked { operation.logger.info("Machine '\(mark.name)' did not shut down when asked and was ended.") }
      return MachinePower.Result(state: .off)
    default:
      throw ConnectorError(
        .invalidParams, "There is no power state '\(request.state)'.", remedy: "Use on, off or stop.", outcome: .none)
    }
  }

  public func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    let (folder, mark) = try await on(request.machine, request.job, "Looking at the machine") { ($0, $1) }
    return try await Verification(
      folder: folder, name: mark.name, workFolder: environment.workFolder, accelerator: finding.accelerator,
      timeoutMs: request.timeoutMs
    ).run(request, operation)
  }

  public func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    try await Blocking.run { [store] in
      try Failure.translating("Finishing the job", outcome: .partial) {
        for resource in try store.find(request.job) where NameRule.accepts(resource.name) {
          try store.update(resource.name, by: request.job) { $0.committed = true }
          try FolderRemoval.remove(store.folder(resource.name).transfers)
        }
      }
    }
    return JobCommit.Result(kept: request.resources, removed: [])
  }

  public func delete(
    _ request: ResourcesDelete, _ operation: OperationContext
  ) async throws -> ResourcesDelete.Result {
    try await operation.deleting(request.resources) { try await delete($0, request.job) }
  }

  private func delete(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    guard resource.kind == MachineStore.resourceKind, NameRule.acceptsJob(job.rawValue) else {
      return (.foreign, "this connector makes no resources of kind '\(resource.kind)'")
    }
    if let folder = resource.details["folder"], folder != store.path {
      return (.failed, "it lies in \(folder), and the target's folder is now \(store.path)")
    }
    return try await Blocking.run { [store] in
      do {
        let (state, why) = try store.remove(resource.name, of: job)
        return (state, why)
      } catch let error as ConnectorError {
        return (.failed, error.message)
      } catch {
        return (.failed, "\(error)")
      }
    }
  }

  /// Does `body` with a machine of the job.
  @discardableResult
  private func on<T: Sendable>(
    _ machine: MachineReference, _ job: JobID, _ what: String,
    _ body: @escaping @Sendable (MachineFolder, MachineMark) throws -> T
  ) async throws -> T {
    try await Blocking.run { [store] in
      try Failure.translating(what) {
        let (folder, mark) = try store.owned(machine.id, by: job)
        return try body(folder, mark)
      }
    }
  }
}
