public import ConnectorKit
public import ConnectorProtocol
import Foundation

extension QEMUSession {
  /// Takes the machine's name; its folder then waits for the disks.
  public func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    let plan = try PlanState.read(request.plan, job: request.job, store: store)
    let disk = try plan.disk(request.index)
    let resource = store.resource(plan.name)
    if try await mark(of: plan) != nil {
      _ = try await take(plan)
      await operation.changed(resource)
    } else {
      try await operation.creating(resource) {
        let folder = try await take(plan)
        return ((), remoteID: folder.path)
      }
    }
    return DiskPrepare.Result(
      target: ["file": .string(disk.fileName), "index": .integer(Int64(disk.index))],
      ingest: DiskPrepare.Ingest(want: disk.access, requestBytes: 512 << 10, parallel: 4))
  }

  public func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    let plan = try PlanState.read(request.plan, job: request.job, store: store)
    let disk = try plan.disk(request.index)
    let (folder, mark) = try await prepared(plan)
    if mark.state == .complete {
      let receipt = try Failure.translating("Reading what is known of disk \(disk.index)") {
        try DiskReceipt.read(disk, in: folder)
      }
      guard receipt?.generation == request.source.generation, receipt?.counts != nil else {
        throw ConnectorError(
          .existsIncompatible, "Machine '\(plan.name)' is complete: its disk \(disk.index) is not written again.",
          remedy: "Roll the job back to bring another disk here.", outcome: .none)
      }
    }
    return try await DiskReceiver(folder: folder, disk: disk, request: request).run(operation)
  }

  public func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let plan = try PlanState.read(request.plan, job: request.job, store: store)
    let (folder, mark) = try await prepared(plan)
    let files = request.disks.compactMap { $0["file"]?.stringValue }
    guard Set(files) == Set(plan.disks.map(\.fileName)), files.count == plan.disks.count else {
      throw ConnectorError(
        .invalidParams, "The disks are not those of the plan: \(plan.disks.map(\.fileName).joined(separator: ", ")).",
        remedy: "Give what disk/receive answered for each disk of the plan.", outcome: .none)
    }
    if mark.state == .receiving {
      operation.progress(phase: "create", done: 0, total: 1, unit: "steps")
      try await Blocking.run { [self] in
        try Failure.translating("Making machine '\(plan.name)'", outcome: .partial) {
          try MachineAssembly(
            plan: plan, folder: folder, accelerator: settings.accelerator, usesKVM: finding.accelerator == .kvm
          ).run()
          try store.update(plan.name, by: plan.job) { $0.state = .complete }
        }
      }
    }
    return MachineCreate.Result(machine: MachineReference(id: plan.name, name: plan.name, location: folder.path))
  }

  /// The mark of the machine's folder, where it is this job's; `nameTaken` where it is another's.
  private func mark(of plan: MachinePlan) async throws -> MachineMark? {
    try await Blocking.run { [self] in
      try Failure.translating("Looking at \(store.path)", outcome: .none) {
        if let holder = try store.holder(of: plan.name, job: plan.job) {
          throw Failure.nameTaken(plan.name, in: store.path, by: holder)
        }
        return try MachineMark.read(store.folder(plan.name))
      }
    }
  }

  private func take(_ plan: MachinePlan) async throws -> MachineFolder {
    try await Blocking.run { [self] in
      try Failure.translating("Making the folder of machine '\(plan.name)'", outcome: .partial) { try store.take(plan) }
    }
  }

  /// The folder that `disk/prepare` made.
  private func prepared(_ plan: MachinePlan) async throws -> (MachineFolder, MachineMark) {
    guard let mark = try await mark(of: plan) else {
      throw Failure.noMachine(plan.name, in: store.path, why: "disk/prepare has not been done, or was rolled back")
    }
    guard mark.plan == plan else {
      throw ConnectorError(
        .planStale, "Machine '\(plan.name)' is being made by another plan of this job.",
        remedy: "Prepare the disks again with the newest plan.", outcome: .none)
    }
    return (store.folder(plan.name), mark)
  }
}
