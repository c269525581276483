import ConnectorProtocol
import Foundation
import Synchronization

/// What the task of a request does.
extension Server {
  func perform(_ call: Incoming.Call) async {
    let outcome: Result<Data, any Error>
    do {
      outcome = .success(try await result(of: call))
    } catch {
      outcome = .failure(error)
    }
    let entry = conversation.withLock { $0.claimAnswer(call.id) }
    // Sends what progress is being held, so that nothing of the operation follows its answer.
    entry?.channel?.finish()
    if let entry { answer(call, entry, outcome) }
    conversation.withLock { $0.end(call.id) }
  }

  private func answer(_ call: Incoming.Call, _ entry: Conversation.Running, _ outcome: Result<Data, any Error>) {
    switch outcome {
    case .success(let result):
      outbox.answer(call.id, result: result)
    case .failure(let thrown):
      if let stop = entry.stop {
        outbox.answer(call.id, error: StopAnswer.error(for: entry, stop: stop, thrown: thrown))
      } else {
        outbox.answer(call.id, error: Self.error(for: thrown, entry))
      }
    }
  }

  private static func error(for thrown: any Error, _ entry: Conversation.Running) -> ConnectorError {
    guard var error = thrown as? ConnectorError else {
      return ConnectorError(
        .internalError, "\(entry.method) failed: \(String(String(describing: thrown).prefix(2000)))",
        remedy: "Report this to the connector's vendor with its log.",
        outcome: entry.channel == nil ? .none : .unknown, checkpoint: entry.channel?.newestCheckpoint)
    }
    error.checkpoint = error.checkpoint ?? entry.channel?.newestCheckpoint
    return error
  }

  /// Tells a request to stop, and answers it when its code has not come to an end within the grace.
  func stop(_ id: RequestID, _ stop: Conversation.Stop, grace: Double) {
    guard let task = conversation.withLock({ $0.stop(id, stop) }) else { return }
    task.cancel()
    clock.schedule(at: clock.now + grace) { [weak self] in
      self?.answer(id, stopped: stop)
    }
  }

  /// Answers a request on behalf of code that has not come to an end, unless it was answered.
  func answer(_ id: RequestID, stopped stop: Conversation.Stop) {
    guard let entry = conversation.withLock({ $0.claimAnswer(id) }) else { return }
    entry.channel?.finish()
    outbox.answer(id, error: StopAnswer.error(for: entry, stop: stop, thrown: nil))
  }

  private func result(of call: Incoming.Call) async throws -> Data {
    try Task.checkCancellation()
    switch call.method {
    case ConfigValidate.method:
      let request = try call.parameters(ConfigValidate.self)
      return try CanonicalJSON.encode(try await connector.value.validate(request))
    case SessionOpen.method:
      return try await open(call)
    default:
      guard let session = session.withLock({ $0 }), let handler = router.handler(call.method) else {
        throw ConnectorError(.notInitialized, "\(call.method) came before \(SessionOpen.method).", outcome: .none)
      }
      // Before its parameters are looked at: a method that is not there has none.
      let isOptional = MessageRegistry.requests.contains { $0.method == call.method && !$0.isMandatory }
      guard !isOptional || C.document.methods.contains(call.method) else {
        throw ConnectorError.notImplemented(call.method)
      }
      switch handler {
      case .query(let run): return try await run(session, call)
      case .mutation(let operation, let run): return try await mutate(session, call, operation, run)
      }
    }
  }

  private func open(_ call: Incoming.Call) async throws -> Data {
    let request = try call.parameters(SessionOpen.self)
    redactor.register(request.secrets.values)
    let (result, opened) = try await connector.value.open(request)
    let encoded = try CanonicalJSON.encode(result)
    let replaced = session.withLock { session in
      defer { session = opened }
      return session
    }
    await replaced?.close()
    conversation.withLock { $0.opened() }
    return encoded
  }

  private func mutate(
    _ session: C.Session, _ call: Incoming.Call,
    _ operation: (Incoming.Call) throws -> ConnectorProtocol.Operation,
    _ run: (C.Session, Incoming.Call, OperationContext) async throws -> Data
  ) async throws -> Data {
    let op = try operation(call)
    let digest = try OperationDigest.compute(params: call.parameters(JSONValue.self))
    guard digest == op.digest else {
      throw Incoming.invalidParams(
        call.method,
        DecodingError.dataCorrupted(
          .init(
            codingPath: [Step("op"), Step("digest")],
            debugDescription: "it is not the digest of these parameters, which is \(digest)")))
    }
    let admission = operations.withLock { $0.begin(op.id, .init(method: call.method, digest: digest)) }
    switch admission {
    case .answer(let result): return result
    case .refuse(let error): throw error
    case .start: break
    }
    let logger = logger.with(op: op.id)
    let channel = OperationChannel(
      op: op.id, outbox: outbox, ledger: ledger, clock: clock, logger: logger, heartbeat: timing.heartbeat)
    conversation.withLock { $0.attach(call.id, channel: channel) }
    do {
      let result = try await TransferLimits.$current.withValue(limits) {
        try await run(
          session, call, OperationContext(id: op.id, attempt: op.attempt, logger: logger, channel: channel))
      }
      operations.withLock { $0.end(op.id, result: result) }
      channel.finish()
      return result
    } catch {
      operations.withLock { $0.end(op.id, result: nil) }
      channel.finish()
      throw error
    }
  }
}

/// A step of a coding path, for faults that no decoder finds.
private struct Step: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}
