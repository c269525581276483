public import ConnectorKit
public import ConnectorProtocol

extension QEMUSession {
  public func promote(
    _ request: MachinePromote, _ operation: OperationContext
  ) async throws -> MachinePromote.Result {
    _ = try PlanState.read(request.plan, job: request.job, store: store)
    operation.progress(phase: "promote", done: 0, total: 1, unit: "steps")
    return try await Blocking.run { [self] in
      try Failure.translating("Changing the hardware of machine '\(request.machine.name)'", outcome: .none) {
        try MachinePromotion(store: store, settings: settings, usesKVM: finding.accelerator == .kvm).run(request)
      }
    }
  }
}
