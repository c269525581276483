import ConnectorKit
import ConnectorProtocol
import Foundation
import Synchronization

/// A connector that does what a request's text says: the `kind` of a listing, the machine's name of `machine/power`.
struct ScriptedConnector: Connector {
  static let document = CapabilityDocument(
    id: "scripted", displayName: "Scripted", vendor: "Tests", version: "1.2.3", executable: "bin/scripted-connector",
    connection: ["type": "object"], target: ["type": "object"],
    disks: .init(accepts: [.init(format: "raw", access: ["nbd"])]), boot: [.init(firmware: "bios", arch: "x86_64")],
    controllers: [], nics: [], drivers: [], cleanup: .init(byTag: true, byName: true))

  let environment: ConnectorEnvironment

  init(environment: ConnectorEnvironment) { self.environment = environment }

  func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result { .init(diagnostics: []) }

  func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, ScriptedSession) {
    environment.logger.info("opened with \(request.secrets.values.joined())")
    if request.connection["refuse"] != nil {
      throw ConnectorError(.unauthenticated, "refused \(request.secrets.values.joined())", outcome: .none)
    }
    return (.init(endpoint: .init(product: "Script", version: "1")), ScriptedSession(logger: environment.logger))
  }
}

struct ScriptError: Error { var text: String }

final class ScriptedSession: ConnectorSession {
  let logger: ConnectorLogger
  /// How often each script was run.
  let runs = Mutex<[String: Int]>([:])

  init(logger: ConnectorLogger) { self.logger = logger }

  func check(_ request: SessionCheck) async throws -> SessionCheck.Result { .init(state: .ready) }

  func list(_ request: InventoryList) async throws -> InventoryList.Result {
    switch request.kind {
    case "sleep": try await Task.sleep(for: .seconds(60))
    case "block": blockThread()
    case "stubborn": await stubborn()
    case "throw": throw ScriptError(text: request.filter ?? "")
    case "large": return .init(items: [.init(id: String(repeating: "x", count: 5 << 20), name: "large")], asOf: "now")
    default: break
    }
    return .init(items: [.init(id: request.filter ?? "", name: request.kind)], asOf: "now")
  }

  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    let count = runs.withLock { runs in
      runs[request.machine.name, default: 0] += 1
      return runs[request.machine.name] ?? 0
    }
    switch request.machine.name {
    case "create":
      let made = try await operation.creating(Resource(kind: "disk", name: "d")) { ("made", remoteID: "r-1") }
      await operation.deleted(Resource(kind: "disk", name: made))
    case "create-none":
      _ = try await operation.creating(Resource(kind: "disk", name: "d")) { () -> (String, remoteID: String?) in
        throw ConnectorError(.quotaExceeded, "no room", outcome: .none)
      }
    case "create-unknown":
      _ = try await operation.creating(Resource(kind: "disk", name: "d")) { () -> (String, remoteID: String?) in
        throw ScriptError(text: "lost")
      }
    case "sleep":
      operation.checkpoint(token: "newest", through: 7)
      try await Task.sleep(for: .seconds(60))
    case "progress":
      for step in 0..<1000 { operation.progress(phase: "copy", done: Int64(step), total: 999) }
      operation.progress(phase: "copy", done: 5)
    case "fail-once":
      if count == 1 { throw ConnectorError(.networkUnreachable, "no route", outcome: .none) }
    case "secret-token": operation.checkpoint(token: "has hunter2-hunter2", through: 1)
    case "long-token": operation.checkpoint(token: String(repeating: "t", count: 65537), through: 1)
    default: break
    }
    return .init(state: request.state)
  }

  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    throw ConnectorError(.planStale, "unused", outcome: .none)
  }
  func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    .init(target: .string("t"), ingest: .init(want: "nbd"))
  }
  func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    .init(disk: .string("d"), bytesRead: 0, bytesSent: 0, bytesSkipped: 0)
  }
  func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    .init(machine: .init(id: "m", name: "m"))
  }
  func configure(_ request: MachineConfigure, _ operation: OperationContext) async throws -> MachineConfigure.Result {
    .init(applied: [])
  }
  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    try await ScriptedVerification(timeoutMs: request.timeoutMs).run(request, operation)
  }
  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    .init(kept: [], removed: [])
  }
  func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result { .init(resources: []) }
  /// What becomes of a resource is its name.
  func delete(_ request: ResourcesDelete, _ operation: OperationContext) async throws -> ResourcesDelete.Result {
    try await operation.deleting(request.resources) { resource in
      let state = ResourcesDelete.State(resource.name)
      return (state, [.deleted, .absent].contains(state) ? nil : "it is \(state)")
    }
  }
  func close() async { logger.info("closed") }
}

/// A machine that runs, and never has an address.
private struct ScriptedVerification: MachineVerification {
  enum Kind: String { case powered, ip }

  var timeoutMs: Int?

  func look(
    _ kind: Kind, _ check: MachineVerify.Check, _ operation: OperationContext
  ) async throws -> MachineVerify.CheckResult {
    switch kind {
    case .powered: result(kind, true, "it runs", evidence: "/work/" + operation.fileSuffix)
    case .ip: try await poll(check, otherwise: 600) { (result(kind, false, "none", inconclusive: true), false) }
    }
  }
}

/// Occupies a thread of the concurrency runtime, as careless code does.
private func blockThread() { Thread.sleep(forTimeInterval: 0.3) }

/// Does not listen when it is cancelled.
private func stubborn() async {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().asyncAfter(deadline: .now() + 20) { continuation.resume() }
  }
}

/// A `machine/power` that runs a script.
func script(_ name: String, id: OperationID = OperationID(TimeOrderedUUID.make())) throws -> MachinePower {
  let machine = MachineReference(id: "m", name: name)
  let request = MachinePower(op: .init(id: id, attempt: 1, digest: ""), job: JobID("j"), machine: machine, state: .on)
  return try ConnectorHarness.operation(request, id: id)
}
