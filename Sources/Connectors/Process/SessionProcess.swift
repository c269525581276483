import CSpawn
import ConnectorProtocol
import Foundation
import Glibc
import Support
import Synchronization

/// One running connector: carries out what the `SessionMachine` decides.
///
/// A thread of its own does all reading and writing (`SessionProcess+Loop.swift`); another waits for the process to end.
/// The host's side takes what is delivered, in order, from `deliveries`.
final class SessionProcess: Sendable {
  /// Reading of the connector's output rests while so many deliveries wait.
  static let maxUndelivered = 1024

  struct Shared {
    var machine: SessionMachine
    /// Bytes for the connector's input, and how many of these are written already.
    var outgoing: [UInt8] = []
    var written = 0
    var closesInput = false
    var undelivered = 0
    var logsLost = 0
    var hasExited = false
    var isReaped = false
    var isFinished = false
    /// Nobody takes deliveries any more: answers go straight to those who wait.
    var deliveriesAreOver = false
    var continuations: [Int64: CheckedContinuation<JSONValue, any Error>] = [:]
    var exitWaiters: [CheckedContinuation<Void, Never>] = []
  }

  let shared: Mutex<Shared>
  let deliveries: AsyncStream<SessionMachine.Delivery>
  let redactor = SecretRedactor()
  let pid: pid_t
  let faults: SessionFault
  let maxMessageBytes: Int
  let descriptors: Descriptors
  private let deliver: AsyncStream<SessionMachine.Delivery>.Continuation

  /// The host's ends of the three pipes, and a pipe by which the loop is woken.
  struct Descriptors: Sendable {
    var input: Int32
    var output: Int32
    var log: Int32
    var wakeReading: Int32
    var wakeWriting: Int32
  }

  /// Starts the connector. The loop ends, and everything is closed, once `stop` was called or the process has gone.
  init(_ installation: ConnectorInstallation, options: SessionOptions, grace: Duration) throws(AscendError) {
    let launch = ProcessLaunch(
      executable: installation.executable, arguments: [],
      environment: ProcessEnvironment.filtered(options.environment), folder: options.workFolder)
    var pipes = Pipes()
    defer { pipes.closeAll() }
    let input = try pipes.make()
    let output = try pipes.make()
    let log = try pipes.make()
    let wake = try pipes.make()
    for fd in [input.writing, output.reading, log.reading, wake.reading, wake.writing] {
      let number = cspawn_set_nonblocking(fd)
      guard number == 0 else { throw Pipes.failure(number) }
    }
    pid = try launch.start(input: input.reading, output: output.writing, error: log.writing)
    descriptors = Descriptors(
      input: pipes.take(input.writing), output: pipes.take(output.reading), log: pipes.take(log.reading),
      wakeReading: pipes.take(wake.reading), wakeWriting: pipes.take(wake.writing))
    maxMessageBytes = options.maxMessageBytes
    faults = SessionFault(connector: installation.id)
    shared = Mutex(
      Shared(machine: SessionMachine(connector: installation.id, options: options, grace: grace)))
    (deliveries, deliver) = AsyncStream.makeStream()
    startThreads(reaper: Reaper(group: pid, grace: grace))
  }

  /// The number for the next call.
  func nextID() -> Int64 { shared.withLock { $0.machine.nextID() } }

  func feed(_ event: SessionMachine.Event) {
    shared.withLock { perform($0.machine.on(event, at: .now), on: &$0) }
    wake()
  }

  /// Sends a request and waits for its answer.
  func call(
    id: Int64, method: String, params: JSONValue, operation: OperationID?, deadline: CallDeadline
  ) async throws -> JSONValue {
    try await withCheckedThrowingContinuation { continuation in
      shared.withLock { shared in
        shared.continuations[id] = continuation
        let event = SessionMachine.Event.call(
          id: id, method: method, params: params, operation: operation, deadline: deadline)
        perform(shared.machine.on(event, at: .now), on: &shared)
      }
      wake()
    }
  }

  /// The caller's side has taken a delivery; an answer goes to whoever waits for it.
  func delivered(_ delivery: SessionMachine.Delivery) {
    let resumes = shared.withLock { shared -> Bool in
      shared.undelivered -= 1
      if case .answer(let id, let result) = delivery {
        shared.continuations.removeValue(forKey: id)?.resume(with: result)
      }
      return shared.undelivered == Self.maxUndelivered - 1
    }
    if resumes { wake() }
  }

  /// Down the ladder; returns when the process has gone. Cancellation does not hasten it.
  func stop() async {
    feed(.stop)
    await withCheckedContinuation { continuation in
      let isFinished = shared.withLock { shared in
        if !shared.isFinished { shared.exitWaiters.append(continuation) }
        return shared.isFinished
      }
      if isFinished { continuation.resume() }
    }
  }

  /// Makes the loop look again. The pipe being full means that it will.
  func wake() {
    shared.withLock { shared in
      guard !shared.isFinished else { return }
      var byte: UInt8 = 0
      _ = write(descriptors.wakeWriting, &byte, 1)
    }
  }

  /// Carries out `actions`, under the lock: none of them waits, and their order must hold.
  func perform(_ actions: [SessionMachine.Action], on shared: inout Shared) {
    for action in actions {
      switch action {
      case .send(let envelope): enqueue(envelope, on: &shared)
      case .deliver(let delivery): enqueue(delivery, on: &shared)
      case .closeInput: shared.closesInput = true
      case .signal(let number):
        // Until it is reaped its number is nobody else's.
        if !shared.isReaped { kill(-pid, number) }
      case .finish: shared.isFinished = true
      }
    }
  }

  func enqueue(_ delivery: SessionMachine.Delivery, on shared: inout Shared) {
    guard !shared.deliveriesAreOver else {
      if case .answer(let id, let result) = delivery {
        shared.continuations.removeValue(forKey: id)?.resume(with: result)
      }
      return
    }
    shared.undelivered += 1
    deliver.yield(delivery)
  }

  private func enqueue(_ envelope: Envelope, on shared: inout Shared) {
    // Every value in it was encoded before, as parameters.
    guard !shared.closesInput, let bytes = try? CanonicalJSON.encode(envelope) else { return }
    shared.outgoing += bytes
    shared.outgoing.append(0x0A)
  }

  func finishDeliveries() {
    shared.withLock { shared in
      shared.deliveriesAreOver = true
      deliver.finish()
    }
  }
}
