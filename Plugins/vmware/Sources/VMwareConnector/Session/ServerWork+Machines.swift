import ConnectorKit
import ConnectorProtocol
import Foundation

extension ServerWork {
  /// Notes become the machine's annotation, tags its custom attributes, which only vCenter has.
  func configure(
    _ plan: MachinePlan, _ request: MachineConfigure, _ operation: OperationContext
  ) async throws -> MachineConfigure.Result {
    let machine = try await owned(request.machine, by: request.job)
    let tags = plan.tags.merging(request.tags) { _, new in new }
    var applied: [String] = []
    var ignored: [MachineConfigure.Ignored] = []
    try await Failure.translating("Setting up '\(request.machine.name)'", outcome: .partial) {
      if let notes = request.notes {
        let text = "Restored by Ascend, job \(request.job.rawValue).\n\n\(notes)"
        let spec = VimObject("VirtualMachineConfigSpec", ["annotation": .text(text)])
        try await client.perform("ReconfigVM_Task", on: machine.reference, ["spec": .object(spec)])
        applied.append("notes")
      }
      guard !tags.isEmpty else { return }
      do {
        try await CustomAttributes(client: client).set(tags, on: machine.reference)
        applied.append("tags")
      } catch let fault as VimFault where fault.name == "NoPermission" || fault.isNotImplemented {
        ignored.append(MachineConfigure.Ignored(what: "tags", why: "custom attributes: \(fault.message)"))
      }
    }
    return MachineConfigure.Result(applied: applied, ignored: ignored)
  }

  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    let machine = try await restored(request.machine, by: request.job)
    operation.progress(phase: "power", done: 0, total: 1, unit: "steps", message: "power \(request.state)")
    return try await Failure.translating("Switching '\(request.machine.name)' \(request.state)", outcome: .partial) {
      switch request.state {
      case .on:
        if !machine.isOn { try await client.perform("PowerOnVM_Task", on: machine.reference) }
        return MachinePower.Result(state: .on)
      case .off:
        if machine.isOn { try await store.powerOff(machine.reference) }
        return MachinePower.Result(state: .off)
      case .stop:
        if machine.isOn { try await stop(machine.reference, operation) }
        return MachinePower.Result(state: .off)
      default:
        throw ConnectorError(
          .invalidParams, "There is no power state '\(request.state)'.", remedy: "Use on, off or stop.", outcome: .none)
      }
    }
  }

  /// Asks the guest by its tools and waits two minutes; then switches off.
  private func stop(_ machine: MoRef, _ operation: OperationContext) async throws {
    do {
      try await client.call("ShutdownGuest", on: machine)
      let deadline = ContinuousClock.now + .seconds(120)
      while ContinuousClock.now < deadline {
        try await Task.sleep(for: .seconds(2))
        if try await store.look(machine)?.isOn != true { return }
      }
      operation.logger.info("The machine did not shut down when asked and was switched off.")
    } catch let fault as VimFault where ["ToolsUnavailable", "InvalidPowerState"].contains(fault.name) {}
    try await store.powerOff(machine)
  }

  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    let machine = try await restored(request.machine, by: request.job)
    return try await Failure.translating("Looking at '\(request.machine.name)'", outcome: .none) {
      try await Verification(
        client: client, machine: machine, workFolder: environment.workFolder, timeoutMs: request.timeoutMs
      ).run(request, operation)
    }
  }
}
