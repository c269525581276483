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
      let tags = tags(plan, request.tags)
      if !tags.isEmpty {
        try await ec2.setTags(tags, on: [instance.id] + instance.volumes.values.sorted())
        applied.append("tags")
      }
      if tags.count < request.tags.count {
        ignored.append(.init(what: "\(request.tags.count - tags.count) tags", why: TagRule.words))
      }
      if request.notes != nil { ignored.append(.init(what: "notes", why: "EC2 has no place for notes")) }
      return MachineConfigure.Result(applied: applied, ignored: ignored)
    }
  }

  /// Those of the plan, and as many of the source's, which nobody has looked at, as there is room for.
  private func tags(_ plan: MachinePlan, _ tags: [String: String]) -> [(String, String)] {
    let good = tags.filter { $0.key != Mark.name && TagRule.accepts($0.key, $0.value) }.sorted { $0.key < $1.key }
    let room = TagRule.most - (plan.disks.map { plan.tags(of: $0).count }.max() ?? plan.tags.count)
    let others = good.filter { plan.tags[$0.key] == nil }.prefix(max(0, room))
    return (good.filter { plan.tags[$0.key] != nil } + others).map { ($0.key, $0.value) }
  }

  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    operation.progress(phase: "power", done: 0, total: 1, unit: "steps", message: "power \(request.state)")
    return try await Failure.translating("Switching '\(request.machine.name)' \(request.state)", outcome: .partial) {
      let instance = try await owned(request.machine, by: request.job)
      switch request.state {
      case .on:
        try await start(instance, operation)
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

  /// What is stopped holds no room: where EC2 has none left for its type, it starts as the next type of its plan.
  private func start(_ instance: Instance, _ operation: OperationContext) async throws {
    var now = instance
    if now.state == "stopping" { now = try await store.wait(now.id, for: "stopped", never: ["terminated"]) }
    var others = (now.tags[Mark.types] ?? "").split(separator: " ").map(String.init).filter { $0 != now.type }
    var type = now.type
    while let lack = try await lackOfRoom(now, type) {
      guard !others.isEmpty, let stopped = try await store.look(now.id), stopped.state == "stopped" else { throw lack }
      now = stopped
      let next = others.removeFirst()
      operation.diagnostic(
        Diagnostic(
          severity: .warning, code: "instanceType.capacity",
          summary: "EC2 has no room for \(type) at the moment: instance \(now.id) is made a \(next)."))
      try await ec2.call("ModifyInstanceAttribute", [("InstanceId", now.id), ("InstanceType.Value", next)])
      type = next
    }
  }

  /// Starts it, and waits until it runs; what EC2 says where it has no room.
  private func lackOfRoom(_ instance: Instance, _ type: String) async throws -> ConnectorError? {
    do {
      if instance.state == "stopped" { try await ec2.call("StartInstances", [("InstanceId.1", instance.id)]) }
      _ = try await store.wait(instance.id, for: "running", never: ["shutting-down", "terminated", "stopped"])
      return nil
    } catch let error as AWSError where Capacity.isLacking(error.code) {
      return try Failure.error(error, doing: "Starting instance \(instance.id) (\(type))", outcome: .none)
    } catch let error as ConnectorError where Capacity.isLacking(error.provider?.code) {
      return error
    }
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
