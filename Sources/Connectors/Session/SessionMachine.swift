import ConnectorProtocol
import Foundation
import Glibc
import Support

/// What a session does, without doing it: each event, at a time, gives actions. It holds no descriptor and no clock.
struct SessionMachine {
  typealias Instant = ContinuousClock.Instant

  /// The clock that ran out.
  enum Clock: String { case idle, absolute }

  enum Event {
    case call(id: Int64, method: String, params: JSONValue, operation: OperationID?, deadline: CallDeadline)
    /// The caller no longer wants the answer.
    case cancel(id: Int64)
    /// Something to say that has no answer.
    case notify(Envelope)
    case line(Data)
    case oversizedLine
    case ledgerDurable(seq: Int64)
    case ledgerFailed(AscendError)
    /// The connector closed its output, or its input.
    case channelClosed(String)
    case exited(ProcessExit, log: String)
    /// Something that only the shell or the caller could see.
    case fault(AscendError)
    /// No more calls: go down the ladder.
    case stop
    case tick
  }

  enum Action {
    case send(Envelope)
    case deliver(Delivery)
    case closeInput
    case signal(Int32)
    /// The process has gone, or cannot be ended; every call is answered.
    case finish
  }

  /// What goes to the host's side, in this order.
  enum Delivery {
    case ledger(LedgerNotification)
    case progress(ProgressNotification)
    case checkpoint(CheckpointNotification)
    case diagnostic(DiagnosticNotification)
    case log(LogLine)
    case answer(id: Int64, Result<JSONValue, any Error>)
  }

  enum State {
    /// Calls are sent and answered.
    case running
    /// A step of the ladder, and when the next one is due.
    case stopping(Step, until: Instant)
    /// Something is wrong: everything is answered with it, and the process is being killed.
    case failed(AscendError, until: Instant)
    case finished

    enum Step { case cancelling, shutdown(id: Int64), inputClosed, terminated, killed }
  }

  struct Call {
    var method: String
    var operation: OperationID?
    var deadline: CallDeadline
    var startedAt: Instant
    var aliveAt: Instant
    /// Set once `$/cancel` was sent.
    var cancelled: Cancellation?
  }

  struct Cancellation {
    var at: Instant
    var cause: Cause

    enum Cause {
      case caller
      case clock(Clock, waited: Duration, idle: Duration)
      case stop
    }
  }

  /// How long a process may live on after it closed a channel, and after SIGKILL.
  static let closedChannelGrace = Duration.seconds(2)
  static let killGrace = Duration.seconds(10)

  let faults: SessionFault
  let options: SessionOptions
  let grace: Duration
  var state = State.running
  var calls: [Int64: Call] = [:]
  /// Cancelled before they were sent.
  var cancelledEarly: Set<Int64> = []
  var lastID: Int64 = 0
  var highestSent: Int64 = 0
  var ledgerSeq: Int64 = 0
  var closedChannel: (what: String, until: Instant)?
  /// Why the session ended before it was stopped: what later calls are answered with.
  var fault: AscendError?

  init(connector: String, options: SessionOptions, grace: Duration) {
    self.faults = SessionFault(connector: connector)
    self.options = options
    self.grace = min(grace, options.maxGrace)
  }

  /// A number that no request had before.
  mutating func nextID() -> Int64 {
    lastID += 1
    return lastID
  }

  mutating func on(_ event: Event, at now: Instant) -> [Action] {
    if case .finished = state { return refused(event) }
    switch event {
    case .call(let id, let method, let params, let operation, let deadline):
      return call(id, method, params, operation, deadline, at: now)
    case .cancel(let id): return cancel(id, at: now)
    case .notify(let envelope):
      guard case .running = state else { return [] }
      return [.send(envelope)]
    case .line(let data): return line(data, at: now)
    case .oversizedLine:
      return fail(faults.protocolViolation("it wrote a line longer than \(options.maxMessageBytes) bytes"), at: now)
    case .ledgerDurable(let seq): return acknowledge(seq)
    case .ledgerFailed(let error), .fault(let error): return fail(error, at: now)
    case .channelClosed(let what):
      if closedChannel == nil { closedChannel = (what, now + Self.closedChannelGrace) }
      return []
    case .exited(let exit, let log): return exited(exit, log: log, at: now)
    case .stop: return stop(at: now)
    case .tick: return tick(at: now)
    }
  }

  /// When `tick` is due.
  var wakeAt: Instant? {
    var times = calls.values.flatMap { call -> [Instant] in
      if let cancelled = call.cancelled { return [cancelled.at + options.cancelGrace] }
      return [
        call.deadline.idle.map { call.aliveAt + $0 }, call.deadline.absolute.map { call.startedAt + $0 },
      ].compactMap { $0 }
    }
    switch state {
    case .running: if let closedChannel { times.append(closedChannel.until) }
    case .stopping(_, let until), .failed(_, let until): times.append(until)
    case .finished: break
    }
    return times.min()
  }

  private func refused(_ event: Event) -> [Action] {
    guard case .call(let id, let method, _, _, _) = event else { return [] }
    return [.deliver(.answer(id: id, .failure(fault ?? faults.stopping(method))))]
  }
}
