import ConnectorProtocol
import Foundation

/// Which method of a session answers which request.
struct Router<Session: ConnectorSession>: Sendable {
  enum Handler: Sendable {
    /// Changes nothing; gives the result as canonical JSON.
    case query(@Sendable (Session, Incoming.Call) async throws -> Data)
    /// Changes something: has an operation, of which repeats are answered from memory.
    case mutation(
      operation: @Sendable (Incoming.Call) throws -> ConnectorProtocol.Operation,
      run: @Sendable (Session, Incoming.Call, OperationContext) async throws -> Data)
  }

  private let handlers: [String: Handler]

  func handler(_ method: String) -> Handler? { handlers[method] }

  init() {
    handlers = [
      SessionCheck.method: Self.query(SessionCheck.self) { try await $0.check($1) },
      InventoryList.method: Self.query(InventoryList.self) { try await $0.list($1) },
      SizingSuggest.method: Self.query(SizingSuggest.self) { try await $0.suggest($1) },
      PlanPreflight.method: Self.query(PlanPreflight.self) { try await $0.preflight($1) },
      PlanEstimate.method: Self.query(PlanEstimate.self) { try await $0.estimate($1) },
      SourceOpen.method: Self.query(SourceOpen.self) { try await $0.openSource($1) },
      SourceClose.method: Self.query(SourceClose.self) { try await $0.closeSource($1) },
      ResourcesFind.method: Self.query(ResourcesFind.self) { try await $0.find($1) },
      DiskPrepare.method: Self.mutation(DiskPrepare.self) { try await $0.prepare($1, $2) },
      DiskReceive.method: Self.mutation(DiskReceive.self) { try await $0.receive($1, $2) },
      MachineCreate.method: Self.mutation(MachineCreate.self) { try await $0.create($1, $2) },
      MachineConfigure.method: Self.mutation(MachineConfigure.self) { try await $0.configure($1, $2) },
      MachinePower.method: Self.mutation(MachinePower.self) { try await $0.power($1, $2) },
      MachineVerify.method: Self.mutation(MachineVerify.self) { try await $0.verify($1, $2) },
      MachinePromote.method: Self.mutation(MachinePromote.self) { try await $0.promote($1, $2) },
      JobCommit.method: Self.mutation(JobCommit.self) { try await $0.commit($1, $2) },
      ResourcesDelete.method: Self.mutation(ResourcesDelete.self) { try await $0.delete($1, $2) },
    ]
  }

  private static func query<Request: ConnectorRequest>(
    _ type: Request.Type, _ run: @escaping @Sendable (Session, Request) async throws -> Request.Result
  ) -> Handler {
    .query { session, call in
      try CanonicalJSON.encode(try await run(session, call.parameters(Request.self)))
    }
  }

  private static func mutation<Request: MutatingRequest>(
    _ type: Request.Type,
    _ run: @escaping @Sendable (Session, Request, OperationContext) async throws -> Request.Result
  ) -> Handler {
    .mutation(
      operation: { try $0.parameters(Request.self).op },
      run: { session, call, context in
        try CanonicalJSON.encode(try await run(session, call.parameters(Request.self), context))
      })
  }
}
