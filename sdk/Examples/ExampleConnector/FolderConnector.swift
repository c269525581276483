import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// A platform that is a folder: a machine is its raw disks and a description beside them.
struct FolderConnector: Connector {
  init(environment: ConnectorEnvironment) {}

  func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result {
    guard request.connection["folder"]?.stringValue == nil else { return .init(diagnostics: []) }
    return .init(diagnostics: [
      Diagnostic(severity: .blocker, code: "folder.missing", summary: "No folder is given.", at: "/connection/folder")
    ])
  }

  func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, FolderSession) {
    var isFolder: ObjCBool = false
    let folder = request.connection["folder"]?.stringValue ?? ""
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw ConnectorError(
        .configInvalid, "There is no folder \(folder).", remedy: "Make it, or name another.", outcome: .none)
    }
    return (.init(endpoint: .init(product: "Folder", version: "1")), FolderSession(folder: folder))
  }
}

struct FolderSession: ConnectorSession {
  let folder: String

  func check(_ request: SessionCheck) async throws -> SessionCheck.Result { .init(state: .ready) }

  func list(_ request: InventoryList) async throws -> InventoryList.Result {
    let items = request.kind == "storage" ? [InventoryList.Item(id: folder, name: folder)] : []
    return .init(items: items, asOf: Date().formatted(.iso8601))
  }

  /// The plan holds all that later requests need: a new process may carry it out.
  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    let name = "\(request.name)-\(request.job.short)"
    let state: JSONValue = ["machine": .string(name), "disks": .integer(Int64(request.disks.count))]
    let plan = PlanPreflight.Plan(id: name, digest: SHA256.hex(try CanonicalJSON.encode(state)), state: state)
    return .init(
      plan: plan,
      disks: request.disks.map { .init(index: $0.index, accepted: true, effectiveSizeBytes: $0.sizeBytes) },
      resources: request.disks.map { disk(plan, $0.index) } + [machine(plan)])
  }

  func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    .init(target: .string(path(disk(request.plan, request.index))), ingest: .init(want: "nbd", parallel: 4))
  }

  func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    let resource = disk(request.plan, request.index)
    let start = try TransferCheckpoint.start(of: request)
    let reader = try await DiskReader.open(request.source.location)
    let totals = try await operation.creating(resource) {
      let sink = try RawFileSink(path: path(resource), sizeBytes: reader.sizeBytes, resumingFrom: start)
      let totals = try await DiskTransfer(reader: reader, sink: sink).run(from: start) { progress in
        operation.progress(phase: "copy", done: progress.done, total: progress.total, skipped: progress.skipped)
      } checkpoint: { through in
        let token = TransferCheckpoint(generation: request.source.generation, through: through).token
        operation.checkpoint(token: token, through: through)
      }
      return (totals, remoteID: path(resource))
    }
    return .init(
      disk: .string(path(resource)), bytesRead: totals.bytesRead, bytesSent: totals.bytesRead,
      bytesSkipped: totals.bytesSkipped)
  }

  func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let resource = machine(request.plan)
    return try await operation.creating(resource) {
      try CanonicalJSON.encodePretty(request.disks).write(to: URL(filePath: path(resource)), options: .atomic)
      let reference = MachineReference(id: resource.name, name: resource.name, location: path(resource))
      return (MachineCreate.Result(machine: reference), remoteID: resource.name)
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

  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    .init(results: request.checks.map { .init(kind: $0.kind, pass: false, detail: "A folder runs no machines.") })
  }

  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    .init(kept: request.resources, removed: [])
  }

  /// By name alone: it must work when the ledger is lost.
  func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let ours = files.filter { $0.contains("-\(request.job.short)") }
    return .init(resources: ours.map { Resource(kind: $0.hasSuffix(".json") ? "machine" : "disk", name: $0) })
  }

  func delete(_ request: ResourcesDelete, _ operation: OperationContext) async throws -> ResourcesDelete.Result {
    var results: [ResourcesDelete.Deletion] = []
    for resource in request.resources {
      // A name from outside: it must not lead out of the folder, and must bear the job's mark.
      guard !resource.name.contains("/"), resource.name.contains("-\(request.job.short)") else {
        results.append(.init(kind: resource.kind, name: resource.name, state: .foreign, why: "not of this job"))
        continue
      }
      let existed = FileManager.default.fileExists(atPath: path(resource))
      if existed { try FileManager.default.removeItem(atPath: path(resource)) }
      await operation.deleted(resource)
      results.append(.init(kind: resource.kind, name: resource.name, state: existed ? .deleted : .absent))
    }
    return .init(results: results)
  }

  private func disk(_ plan: PlanPreflight.Plan, _ index: Int) -> Resource {
    Resource(kind: "disk", name: "\(plan.id)-disk\(index).raw")
  }

  private func machine(_ plan: PlanPreflight.Plan) -> Resource {
    Resource(kind: "machine", name: "\(plan.id).json")
  }

  private func path(_ resource: Resource) -> String { "\(folder)/\(resource.name)" }
}
