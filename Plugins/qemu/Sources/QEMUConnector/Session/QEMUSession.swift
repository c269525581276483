public import ConnectorKit
public import ConnectorProtocol
import Foundation

/// A conversation about the machines of one folder.
public struct QEMUSession: ConnectorSession {
  let store: MachineStore
  let settings: Settings
  let host: Host
  let finding: Accelerator.Finding
  let environment: ConnectorEnvironment

  public func check(_ request: SessionCheck) async throws -> SessionCheck.Result {
    var diagnostics = LiveCheck.warnings(finding, settings: settings)
    do {
      let facts = try FolderFacts.look(store.path)
      if !facts.isWritable {
        diagnostics.append(
          Diagnostic(
            severity: .blocker, code: "folder.notWritable", summary: "This user may not write \(facts.nearest).",
            action: "Give this user the right to, or choose another folder."))
      }
    } catch {
      diagnostics.append(
        Diagnostic(
          severity: .blocker, code: "folder.unusable", summary: "The folder \(store.path) cannot be used: \(error)"))
    }
    let blocked = diagnostics.contains { $0.severity == .blocker }
    return SessionCheck.Result(state: blocked ? .degraded : .ready, diagnostics: diagnostics)
  }

  public func list(_ request: InventoryList) async throws -> InventoryList.Result {
    try inventory.list(request)
  }

  public func suggest(_ request: SizingSuggest) async throws -> SizingSuggest.Result {
    inventory.suggest(request.machine)
  }

  private var inventory: Inventory { Inventory(store: store, host: host, settings: settings) }

  public func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try Preflight(request: request, store: store, host: host, settings: settings, finding: finding).run()
  }

  public func estimate(_ request: PlanEstimate) async throws -> PlanEstimate.Result {
    Estimate.make(try PlanState.read(request.plan, store: store))
  }

  public func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result {
    guard NameRule.acceptsJob(request.job.rawValue) else { return ResourcesFind.Result(resources: []) }
    return ResourcesFind.Result(
      resources: try Failure.translating("Looking through \(store.path)", outcome: .none) {
        try store.find(request.job)
      })
  }
}
