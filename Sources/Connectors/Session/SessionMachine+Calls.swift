import ConnectorProtocol
import Support

extension SessionMachine {
  mutating func call(
    _ id: Int64, _ method: String, _ params: JSONValue, _ operation: OperationID?, _ deadline: CallDeadline,
    at now: Instant
  ) -> [Action] {
    switch state {
    case .running: break
    case .failed(let error, _): return [.deliver(.answer(id: id, .failure(error)))]
    default: return [.deliver(.answer(id: id, .failure(faults.stopping(method))))]
    }
    if cancelledEarly.remove(id) != nil {
      return [.deliver(.answer(id: id, .failure(CancellationError())))]
    }
    calls[id] = Call(method: method, operation: operation, deadline: deadline, startedAt: now, aliveAt: now)
    highestSent = max(highestSent, id)
    return [.send(Envelope(id: .number(id), method: method, params: params))]
  }

  mutating func cancel(_ id: Int64, at now: Instant) -> [Action] {
    guard calls[id] != nil else {
      // The caller's cancellation may overtake its call.
      if id > highestSent { cancelledEarly.insert(id) }
      return []
    }
    return cancel(id, cause: .caller, reason: "the host cancelled it", at: now)
  }

  mutating func cancel(_ id: Int64, cause: Cancellation.Cause, reason: String, at now: Instant) -> [Action] {
    guard calls[id]?.cancelled == nil else { return [] }
    calls[id]?.cancelled = Cancellation(at: now, cause: cause)
    guard let params = try? JSONValue.encoding(CancelNotification(id: .number(id), reason: reason)) else { return [] }
    return [.send(Envelope(method: CancelNotification.method, params: params))]
  }

  /// The answer to a call, as its caller gets it.
  mutating func answer(_ envelope: Envelope, at now: Instant) -> [Action] {
    guard let requestID = envelope.id else {
      let said = envelope.error.map { ": \($0.message)" } ?? ""
      return fail(faults.protocolViolation("it could not read a request\(said)"), at: now)
    }
    guard case .number(let id) = requestID, let call = calls.removeValue(forKey: id) else {
      if case .number(let id) = requestID, (1...max(1, highestSent)).contains(id), highestSent > 0 {
        return fail(faults.protocolViolation("it answered request \(id) twice"), at: now)
      }
      return fail(faults.protocolViolation("it answered request \(requestID), which was never made"), at: now)
    }
    if case .stopping(.shutdown(let shutdown), _) = state, shutdown == id { return closeInput(at: now) }
    let deliver = Action.deliver(.answer(id: id, outcome(of: envelope, for: call)))
    if case .stopping(.cancelling, _) = state, calls.isEmpty { return [deliver] + sendShutdown(at: now) }
    return [deliver]
  }

  private func outcome(of envelope: Envelope, for call: Call) -> Result<JSONValue, any Error> {
    if let result = envelope.result { return .success(result) }
    guard let error = envelope.error else { return .success(.null) }
    if error.reason == .cancelled, case .clock(let clock, let waited, let idle)? = call.cancelled?.cause {
      return .failure(faults.deadline(call.method, clock, waited: waited, idle: idle, call.deadline, answered: true))
    }
    return .failure(error)
  }

  /// Cancels the calls whose clock has run out; fails where a cancelled one is still not answered.
  mutating func checkDeadlines(at now: Instant) -> [Action] {
    var actions: [Action] = []
    for (id, call) in calls.sorted(by: { $0.key < $1.key }) {
      if let cancelled = call.cancelled {
        guard now >= cancelled.at + options.cancelGrace else { continue }
        return actions + fail(unanswered(call, cancelled), at: now)
      }
      guard let clock = expired(call, at: now) else { continue }
      let cause = Cancellation.Cause.clock(clock, waited: now - call.startedAt, idle: now - call.aliveAt)
      actions += cancel(id, cause: cause, reason: "its \(clock.rawValue) limit ran out", at: now)
    }
    return actions
  }

  private func expired(_ call: Call, at now: Instant) -> Clock? {
    if let absolute = call.deadline.absolute, now >= call.startedAt + absolute { return .absolute }
    if let idle = call.deadline.idle, now >= call.aliveAt + idle { return .idle }
    return nil
  }

  private func unanswered(_ call: Call, _ cancelled: Cancellation) -> AscendError {
    guard case .clock(let clock, let waited, let idle) = cancelled.cause else {
      return faults.unresponsive(call.method, after: options.cancelGrace)
    }
    return faults.deadline(call.method, clock, waited: waited, idle: idle, call.deadline, answered: false)
  }
}
