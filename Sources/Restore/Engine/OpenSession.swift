public import ConnectorProtocol
public import Connectors

/// A session that has reached its platform, and what the connector can do at that very endpoint.
public struct OpenSession: Sendable {
  let session: ConnectorSession
  public let document: CapabilityDocument

  public func call<R: ConnectorRequest>(_ request: R, deadline: CallDeadline = .standard) async throws -> R.Result {
    try await session.call(request, deadline: deadline)
  }

  func limit(_ limits: LimitsNotification) { session.limit(limits) }
}
