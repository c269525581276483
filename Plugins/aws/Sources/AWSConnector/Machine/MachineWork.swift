import AWSClient
import ConnectorKit
import ConnectorProtocol

/// What is done with an instance that is there.
struct MachineWork: Sendable {
  var account: Account

  private var ec2: EC2 { account.ec2 }
  private var store: InstanceStore { InstanceStore(ec2: ec2) }

  /// An instance of the job that a request names.
  private func owned(_ machine: MachineReference, by job: JobID) async throws -> Instance {
    guard let found = try await store.look(machine.id), !found.isGone else {
      throw Failure.noMachine(machine.name, why: "instance '\(machine.id)' is not there")
    }
    guard found.job == job.rawValue else {
      throw Failure.noMachine(machine.name, why: "instance '\(machine.id)' does not bear the mark of this job")
    }
    return found
  }

  /// Tags for the instance and its volumes. EC2 keeps no notes.
  func configure(_ plan: MachinePlan, _ request: MachineConfigure) async throws -> MachineConfigure.Result {
    try await Failure.translating("Setting up '\(request.machine.name)'", outcome: .partial) {
      let instance = try await owned(request.machine, by: request.job)
      var applied: [String] = []
      var ignored: [MachineConfigure.Ignored] = []
      let tags = request.tags.filter { !$0.key.hasPrefix("ascend:") && !$0.key.lowercased().hasPrefix("aws:") }
      if !tags.isEmpty {
        let all = tags.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        try await ec2.setTags(all, on: [instance.id])
        let others = all.filter { $0.0 != Mark.name }
        if !others.isEmpty { try await ec2.setTags(others, on: instance.volumes.values.sorted()) }
        applied.append("tags")
      }
      if tags.count < request.tags.count {
        ignored.append(.init(what: "tags", why: "keys that begin with aws: or ascend: are not the user's"))
      }
      if request.notes != nil { ignored.append(.init(what: "notes", why: "EC2 has no place for notes")) }
      return MachineConfigure.Result(applied: applied, ignored: ignored)
    }
  }

  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    operation.progress(phase: "power", done: 0, total: 1, unit: "steps", message: "power \(request.state)")
    return try await Failure.translating("Switching '\(request.machine.name)' \(request.state)", outcome: .partial) {
      let instance = try await owned(request.machine, by: request.job)
      switch request.state {
      case .on:
        try await start(instance)
        return MachinePower.Result(state: .on)
      case .off, .stop:
        try await stop(instance, force: request.state == .off)
        return MachinePower.Result(state: .off)
      default:
        throw ConnectorError(
          .invalidParams, "There is no power state '\(request.state)'.", remedy: "Use on, off or stop.", outcome: .none)
      }
    }
  }

  private func start(_ instance: Instance) async throws {
    if instance.state == "stopping" { _ = try await store.wait(instance.id, for: "stopped", never: ["terminated"]) }
    if instance.state == "stopped" || instance.state == "stopping" {
      try await ec2.call("StartInstances", [("InstanceId.1", instance.id)])
    }
    _ = try await store.wait(instance.id, for: "running", never: ["shutting-down", "terminated", "stopped"])
  }

  /// EC2 asks the guest, and switches off after a few minutes; `force` does not ask.
  private func stop(_ instance: Instance, force: Bool) async throws {
    if instance.state == "stopped" { return }
    if instance.state == "pending" {
      _ = try await store.wait(instance.id, for: "running", never: ["shutting-down", "terminated"])
    }
    if instance.state != "stopping" || force {
      try await ec2.call("StopInstances", [("InstanceId.1", instance.id)] + (force ? [("Force", "true")] : []))
    }
    _ = try await store.wait(instance.id, for: "stopped", never: ["terminated"])
  }

  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    try await Failure.translating("Looking at '\(request.machine.name)'", outcome: .none) {
      let instance = try await owned(request.machine, by: request.job)
      return try await Verification(
        ec2: ec2, instance: instance, workFolder: account.environment.workFolder, timeoutMs: request.timeoutMs
      ).run(request, operation)
    }
  }
}
