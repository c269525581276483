import ConnectorProtocol
import Foundation
import Glibc
import Support

/// The ladder: cancel what runs, `shutdown`, close the input, SIGTERM, SIGKILL; each step with its own patience.
extension SessionMachine {
  mutating func stop(at now: Instant) -> [Action] {
    guard case .running = state else { return [] }
    guard !calls.isEmpty else { return sendShutdown(at: now) }
    state = .stopping(.cancelling, until: now + options.cancelGrace)
    return calls.keys.sorted().flatMap { cancel($0, cause: .stop, reason: "the host is stopping", at: now) }
  }

  mutating func sendShutdown(at now: Instant) -> [Action] {
    let id = nextID()
    calls[id] = Call(
      method: Shutdown.method, deadline: CallDeadline(idle: nil), startedAt: now, aliveAt: now)
    highestSent = max(highestSent, id)
    state = .stopping(.shutdown(id: id), until: now + options.shutdownDeadline)
    return [.send(Envelope(id: .number(id), method: Shutdown.method, params: [:]))]
  }

  mutating func closeInput(at now: Instant) -> [Action] {
    state = .stopping(.inputClosed, until: now + grace)
    return [.closeInput]
  }

  mutating func tick(at now: Instant) -> [Action] {
    switch state {
    case .running:
      if let closedChannel, now >= closedChannel.until {
        return fail(faults.protocolViolation("it closed its \(closedChannel.what) and went on running"), at: now)
      }
      return checkDeadlines(at: now)
    case .stopping(let step, let until):
      return now >= until ? next(after: step, at: now) : []
    case .failed(_, let until):
      return now >= until ? finish() : []
    case .finished:
      return []
    }
  }

  private mutating func next(after step: State.Step, at now: Instant) -> [Action] {
    switch step {
    case .cancelling:
      guard let call = calls.values.min(by: { $0.startedAt < $1.startedAt }) else { return sendShutdown(at: now) }
      return fail(faults.unresponsive(call.method, after: options.cancelGrace), at: now)
    case .shutdown(let id):
      calls[id] = nil
      return closeInput(at: now)
    case .inputClosed:
      state = .stopping(.terminated, until: now + options.terminationGrace)
      return [.signal(SIGTERM)]
    case .terminated:
      state = .stopping(.killed, until: now + Self.killGrace)
      return [.signal(SIGKILL)]
    case .killed:
      return finish()
    }
  }

  /// Nothing more can be had from this process: everything is answered with `error`, and it is killed.
  mutating func fail(_ error: AscendError, at now: Instant) -> [Action] {
    if case .failed = state { return [] }
    fault = error
    state = .failed(error, until: now + Self.killGrace)
    return answerAll(with: error) + [.closeInput, .signal(SIGKILL)]
  }

  mutating func exited(_ exit: ProcessExit, log: String, at now: Instant) -> [Action] {
    switch state {
    case .running, .stopping(.cancelling, _):
      let methods = calls.sorted { $0.key < $1.key }.map(\.value.method)
      let error = faults.died(exit, during: methods, log: log)
      fault = error
      return answerAll(with: error) + finish()
    case .stopping:
      let isClean = exit == .status(0)
      let note = LogLine(level: "warning", message: "The connector did not leave cleanly: \(exit)")
      return (isClean ? [] : [.deliver(.log(note))]) + finish()
    case .failed, .finished:
      return finish()
    }
  }

  private mutating func answerAll(with error: AscendError) -> [Action] {
    defer { calls.removeAll() }
    return calls.keys.sorted().map { .deliver(.answer(id: $0, .failure(error))) }
  }

  private mutating func finish() -> [Action] {
    let unanswered = answerAll(with: faults.stopping("a request"))
    state = .finished
    return unanswered + [.finish]
  }
}
