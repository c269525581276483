public import ConnectorProtocol

/// A connection to one platform: one method for each request of the protocol.
///
/// Requests run at the same time, each in a task of its own; that task is cancelled when the host cancels the request or
/// its deadline passes. Methods with an `OperationContext` change something on the platform: they must be safe to call
/// again with the same parameters in a new process, by deterministic names and the job's marks.
public protocol ConnectorSession: Sendable {
  func check(_ request: SessionCheck) async throws -> SessionCheck.Result
  func list(_ request: InventoryList) async throws -> InventoryList.Result
  /// Optional: announce `sizing/suggest` in the document's `methods`.
  func suggest(_ request: SizingSuggest) async throws -> SizingSuggest.Result
  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result
  /// Optional: announce `plan/estimate` in the document's `methods`.
  func estimate(_ request: PlanEstimate) async throws -> PlanEstimate.Result
  func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result
  func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result
  func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result
  func configure(_ request: MachineConfigure, _ operation: OperationContext) async throws -> MachineConfigure.Result
  func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result
  func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result
  /// Optional: announce `machine/promote` in the document's `methods`. With it, this method, `power` and `verify` take the
  /// job's machine after `commit` too.
  func promote(_ request: MachinePromote, _ operation: OperationContext) async throws -> MachinePromote.Result
  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result
  func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result
  func delete(_ request: ResourcesDelete, _ operation: OperationContext) async throws -> ResourcesDelete.Result
  /// Optional: announce `source/open` and `source/close` in the document's `methods`, and its `sources`.
  func openSource(_ request: SourceOpen) async throws -> SourceOpen.Result
  /// Optional, with the former.
  func closeSource(_ request: SourceClose) async throws -> SourceClose.Result
  /// The conversation ends, or another session replaces this one. What runs on the platform goes on running.
  func close() async
}

extension ConnectorSession {
  public func suggest(_ request: SizingSuggest) async throws -> SizingSuggest.Result {
    throw ConnectorError.notImplemented(SizingSuggest.method)
  }

  public func estimate(_ request: PlanEstimate) async throws -> PlanEstimate.Result {
    throw ConnectorError.notImplemented(PlanEstimate.method)
  }

  public func promote(
    _ request: MachinePromote, _ operation: OperationContext
  ) async throws -> MachinePromote.Result {
    throw ConnectorError.notImplemented(MachinePromote.method)
  }

  public func openSource(_ request: SourceOpen) async throws -> SourceOpen.Result {
    throw ConnectorError.notImplemented(SourceOpen.method)
  }

  public func closeSource(_ request: SourceClose) async throws -> SourceClose.Result {
    throw ConnectorError.notImplemented(SourceClose.method)
  }

  public func close() async {}
}

extension ConnectorError {
  /// The answer to a method that this connector does not have.
  static func notImplemented(_ method: String) -> ConnectorError {
    ConnectorError(
      .methodNotFound, "This connector does not implement \(method).",
      remedy: "Call only mandatory methods and those of the capability document's `methods`.", outcome: .none)
  }
}
