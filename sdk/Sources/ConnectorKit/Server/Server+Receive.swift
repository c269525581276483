import ConnectorProtocol
import Foundation
import Synchronization

/// What the reader thread does with each line.
extension Server {
  /// Takes one line; the new limit of a line's length where the line sets it.
  func receive(_ line: Data) -> Int? {
    do {
      switch try Incoming.read(line) {
      case .notification(let method, let line): notified(method, line)
      case .request(let call): return try requested(call)
      }
    } catch let fault as Incoming.Fault {
      outbox.answer(fault.id, error: fault.error)
    } catch {
      logger.error("A line was not understood: \(error)")
    }
    return nil
  }

  private func notified(_ method: String, _ line: Data) {
    // Unknown notifications are dropped: a newer host may send more of them. So are malformed ones, which have no
    // answer to carry the fault.
    do {
      switch method {
      case CancelNotification.method:
        let cancel = try Incoming.parameters(CancelNotification.self, of: line)
        stop(cancel.id, .cancelled(cancel.reason), grace: timing.cancelGrace)
      case LimitsNotification.method:
        limits.set(try Incoming.parameters(LimitsNotification.self, of: line))
      case AckNotification.method:
        ledger.acknowledge(try Incoming.parameters(AckNotification.self, of: line).seq)
      default:
        break
      }
    } catch {
      let (pointer, why) = DecodingFault.describe(error)
      logger.warning("A \(method) was dropped, at \(pointer): \(why).")
    }
  }

  private func requested(_ call: Incoming.Call) throws -> Int? {
    do {
      switch call.method {
      case Ping.method: try answer(call, pong())
      case Initialize.method: return try initialize(call)
      case Shutdown.method: try shutdown(call)
      default: begin(call)
      }
    } catch let error as ConnectorError {
      outbox.answer(call.id, error: error)
    }
    return nil
  }

  private func answer(_ call: Incoming.Call, _ result: some Encodable) throws {
    outbox.answer(call.id, result: try CanonicalJSON.encode(result))
  }

  private func pong() -> Ping.Result {
    let active = conversation.withLock { $0.running.values.count { $0.channel != nil } }
    return Ping.Result(uptimeMs: Int64((clock.now - started) * 1000), activeOperations: active)
  }

  private func initialize(_ call: Incoming.Call) throws -> Int {
    guard conversation.withLock({ $0.phase == .notInitialized }) else {
      throw ConnectorError(.invalidRequest, "\(Initialize.method) was sent before.", outcome: .none)
    }
    let request = try call.parameters(Initialize.self)
    let document = C.document
    guard let version = Set(request.protocolVersions).intersection(document.protocolVersions).max() else {
      throw ConnectorError(
        .unsupportedVersion,
        "\(document.displayName) speaks version \(document.protocolVersions) of the protocol, the host "
          + "\(request.protocolVersions).", remedy: "Update the connector or the host.", outcome: .none,
        details: ["supported": .array(document.protocolVersions.map { .integer(Int64($0)) })])
    }
    // Too small a limit would leave no room for errors, too large a one no bound on memory.
    let limit = min(max(request.limits.maxMessageBytes, 4096), 64 << 20)
    outbox.setLimit(limit)
    let result = Initialize.Result(
      protocolVersion: version, connector: .init(id: document.id, version: document.version),
      document: SHA256.hex(try ConnectorManifest.bytes(of: document)))
    conversation.withLock { $0.initialized() }
    try answer(call, result)
    return limit
  }

  private func shutdown(_ call: Incoming.Call) throws {
    let refusal = conversation.withLock { conversation -> ConnectorError? in
      if conversation.phase == .notInitialized || conversation.phase == .draining {
        return conversation.refusal(of: call.method, id: call.id)
      }
      conversation.drain()
      return nil
    }
    if let refusal { throw refusal }
    try answer(call, Empty())
  }

  /// Takes up a request that the connector answers, in a task of its own.
  private func begin(_ call: Incoming.Call) {
    let refusal = conversation.withLock { conversation -> ConnectorError? in
      let opening = [ConfigValidate.method, SessionOpen.method]
      let known = router.handler(call.method) != nil || opening.contains(call.method)
      if !known, conversation.phase == .initialized || conversation.phase == .open {
        return ConnectorError.notImplemented(call.method)
      }
      if let refusal = conversation.refusal(of: call.method, id: call.id) { return refusal }
      conversation.start(call.id, method: call.method)
      return nil
    }
    if let refusal { return outbox.answer(call.id, error: refusal) }
    let task = Task { await perform(call) }
    conversation.withLock { $0.attach(call.id, task: task) }
    if let deadline = call.meta?.deadlineMs {
      clock.schedule(at: clock.now + Double(max(deadline, 0)) / 1000) { [weak self] in
        guard let self else { return }
        stop(call.id, .deadline(deadline), grace: timing.deadlineGrace)
      }
    }
  }
}
