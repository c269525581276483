public import ConnectorProtocol

/// What a connector tells besides its answers: one at a time, in the order in which it was written, and each before
/// the answer that follows it.
public protocol ConnectorEvents: Sendable {
  /// Durable when it returns: only then does the connector learn that it may go on. Where it throws, the session fails.
  func ledger(_ notification: LedgerNotification) async throws
  func progress(_ notification: ProgressNotification) async
  func checkpoint(_ notification: CheckpointNotification) async
  func diagnostic(_ notification: DiagnosticNotification) async
  /// A line of the connector's log: no secret of `session/open` is in it.
  func log(level: String, message: String) async
}

extension ConnectorEvents {
  public func progress(_ notification: ProgressNotification) async {}
  public func checkpoint(_ notification: CheckpointNotification) async {}
  public func diagnostic(_ notification: DiagnosticNotification) async {}
  public func log(level: String, message: String) async {}
}
