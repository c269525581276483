public import ConnectorProtocol

/// One attempt of an operation that changes something on the platform: what it tells the host while it runs.
public struct OperationContext: Sendable {
  public let id: OperationID
  /// 1 for the first time, one more each time that the host sends the operation again.
  public let attempt: Int
  public let logger: ConnectorLogger

  let channel: OperationChannel

  /// How far the operation is. Call it as often as you like: at most five a second are sent, the newest always.
  ///
  /// - Parameters:
  ///   - done: Never falls within a phase; a smaller value counts as the largest one so far.
  ///   - unit: `bytes` or `steps`.
  ///   - skipped: Bytes of zeros that need not be moved; part of `done`.
  public func progress(
    phase: String, done: Int64, total: Int64? = nil, unit: String = "bytes", skipped: Int64? = nil,
    message: String? = nil
  ) {
    channel.progress(
      ProgressThrottle.Update(
        phase: phase, done: done, total: total, unit: unit, skipped: skipped, message: message))
  }

  /// From here the operation can be taken up again: `token` comes back as the request's `checkpoint`.
  ///
  /// A token longer than 64 KiB, or with a secret in it, is not sent and an error is logged: the operation goes on and
  /// would be resumed from an earlier one.
  ///
  /// - Parameter through: Contiguous bytes, from the disk's start, that are durable on the platform.
  public func checkpoint(token: String, through: Int64) {
    channel.checkpoint(token: token, through: through)
  }

  /// Makes a resource on the platform so that it can never be lost: the host has it in its ledger before `make` runs.
  ///
  /// The entry is withdrawn when `make` throws a `ConnectorError` with the outcome `none`: nothing was made. After any
  /// other error the host looks for the resource with `resources/find`.
  ///
  /// - Parameter make: The platform call. Gives the value to return, and the platform's identifier of the resource.
  public func creating<T: Sendable>(
    _ resource: Resource, isolation: isolated (any Actor)? = #isolation,
    _ make: () async throws -> (T, remoteID: String?)
  ) async throws -> T {
    try Task.checkCancellation()
    try await channel.intend(resource)
    let value: T
    var made = resource
    do {
      try Task.checkCancellation()
    } catch {
      channel.record(.abandoned, resource)
      throw error
    }
    do {
      let (result, remoteID) = try await make()
      value = result
      made.remoteID = remoteID ?? resource.remoteID
    } catch let error as ConnectorError where error.outcome == .none {
      channel.record(.abandoned, resource)
      throw error
    }
    await channel.recordDurably(.created, made)
    return value
  }

  /// The resource was changed: its details replace those in the ledger.
  public func changed(_ resource: Resource) async {
    await channel.recordDurably(.changed, resource)
  }

  /// The resource is gone from the platform. Returns once the host has it in its ledger.
  public func deleted(_ resource: Resource) async {
    await channel.recordDurably(.deleted, resource)
  }

  /// Something that a person should know and that is no error.
  public func diagnostic(_ diagnostic: Diagnostic) {
    channel.diagnostic(diagnostic)
  }
}
