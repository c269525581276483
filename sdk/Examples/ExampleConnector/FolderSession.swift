import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// What the folder can list.
private enum InventoryKind: String, CaseIterable { case storage }

struct FolderSession: ConnectorSession {
  let store: MachineStore

  func check(_ request: SessionCheck) async throws -> SessionCheck.Result { .init(state: .ready) }

  func list(_ request: InventoryList) async throws -> InventoryList.Result {
    let kind: InventoryKind = try request.known()
    return switch kind {
    case .storage: try request.result([InventoryList.Item(id: store.path, name: store.path)])
    }
  }

  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try request.job.checkPlain()
    var findings = Findings()
    let plan = try FolderPlan(request, store, &findings)
    return try plan.result(for: request, findings, resources: [store.resource(plan.name)])
  }

  func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    let plan = try FolderPlan.read(request.plan, job: request.job)
    let disk = try plan.disk(request.index)
    return try await operation.creating(store.resource(plan.name)) {
      try store.ensure(plan.name, for: plan.job)
      let target = store.disk(disk.index, of: plan.name, plan.job)
      return (.init(target: .string(target), ingest: .init(want: "nbd", parallel: 4)), remoteID: plan.name)
    }
  }

  func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    let plan = try FolderPlan.read(request.plan, job: request.job)
    let path = store.disk(try plan.disk(request.index).index, of: plan.name, plan.job)
    let start = try TransferCheckpoint.read(request)
    let reader = try await DiskReader.open(request.source.location)
    let size = reader.sizeBytes
    let sink = try RawFileSink(path: path, sizeBytes: size, resumingFrom: start?.through ?? 0)
    let digester = start.map { $0.digester(sizeBytes: size) } ?? ContentDigester(sizeBytes: size)
    let transfer = DiskTransfer(reader: reader, sink: sink, digester: digester)
    _ = try await transfer.run(from: start?.through ?? 0) { progress in
      operation.progress(phase: "copy", done: progress.done, total: progress.total, skipped: progress.skipped)
    } saving: { point in
      let token = TransferCheckpoint(
        generation: request.source.generation, through: point.through, digest: point.digest?.state
      ).token
      operation.checkpoint(token: token, through: point.through)
    }
    let stored = min(store.allocatedBytes(path), size)
    return .init(
      disk: .string(path), bytesRead: stored, bytesSent: stored, bytesSkipped: size - stored,
      digest: digester?.text)
  }

  func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let plan = try FolderPlan.read(request.plan, job: request.job)
    return try await operation.creating(store.resource(plan.name)) {
      try store.ensure(plan.name, for: plan.job)
      let file = store.folder(plan.name, plan.job) + "/machine.json"
      try CanonicalJSON.encodePretty(plan).write(to: URL(filePath: file), options: .atomic)
      let machine = MachineReference(id: plan.name, name: plan.name, location: store.path)
      return (.init(machine: machine), remoteID: plan.name)
    }
  }

  func configure(_ request: MachineConfigure, _ operation: OperationContext) async throws -> MachineConfigure.Result {
    let ignored = request.tags.keys.sorted().map {
      MachineConfigure.Ignored(what: "tag \($0)", why: "a folder has no tags")
    }
    return .init(applied: [], ignored: ignored)
  }

  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    guard request.state == .on else { return .init(state: .off) }
    throw ConnectorError(.capabilityMissing, "A folder runs no machines.", remedy: "Do not start it.", outcome: .none)
  }

  /// The document names no check: none is known.
  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    .init(results: request.checks.map { .unknown($0.kind) })
  }

  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    for name in try store.machines(of: request.job) { try store.release(name, of: request.job) }
    return .init(kept: request.resources, removed: [])
  }

  func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result {
    .init(resources: try store.machines(of: request.job).map(store.resource))
  }

  func delete(_ request: ResourcesDelete, _ operation: OperationContext) async throws -> ResourcesDelete.Result {
    try await operation.deleting(request.resources) { try store.remove($0.name, of: request.job) }
  }
}
