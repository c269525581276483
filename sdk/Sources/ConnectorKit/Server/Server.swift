import ConnectorProtocol
import Foundation
import Synchronization

/// One conversation: reads requests from a descriptor, has the connector answer them, writes to another descriptor.
///
/// The thread that calls `run` reads, and does nothing that can block on the connector's code: it answers `ping`, orders
/// cancellations and sees the end of the input whatever that code does.
final class Server<C: Connector>: Sendable {
  let input: Int32
  let outbox: Outbox
  let redactor: Redactor
  let logger: ConnectorLogger
  let ledger: LedgerClient
  let limits = TransferLimits()
  let clock = KitClock()
  let timing: ServerTiming
  let started: Double
  let connector: Task<C, Never>
  let router = Router<C.Session>()
  let conversation = Mutex(Conversation())
  let operations = Mutex(OperationTable())
  let session = Mutex<C.Session?>(nil)

  init(input: Int32, output: Int32, logs: Int32, workFolder: String, timing: ServerTiming? = nil) {
    self.input = input
    let redactor = Redactor()
    self.redactor = redactor
    let logger = ConnectorLogger(sink: LogSink(descriptor: logs, redactor: redactor), redactor: redactor, op: nil)
    self.logger = logger
    outbox = Outbox(writer: LineWriter(descriptor: output), redactor: redactor, logger: logger)
    ledger = LedgerClient(outbox: outbox)
    self.timing = timing ?? ServerTiming(declared: C.document.timing)
    started = clock.now
    // In a task: the connector's own code never runs on the thread that reads.
    connector = Task { C(environment: ConnectorEnvironment(workFolder: workFolder, logger: logger)) }
  }

  /// Serves until the input ends. The exit code of the process: 0 after `shutdown`, 1 without it.
  func run() -> Int32 {
    var splitter = LineSplitter(limit: MessageLimits.defaultMaxMessageBytes)
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(input, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EAGAIN {
        var entry = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, -1)
        continue
      }
      guard count > 0 else { break }
      buffer.withUnsafeBytes { bytes in
        splitter.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { splitter, event in
          switch event {
          case .line(let line): if let limit = receive(line) { splitter.limit = limit }
          case .tooLong:
            outbox.answer(
              nil,
              error: ConnectorError(
                .messageTooLarge, "A message was longer than the \(splitter.limit) bytes that are allowed.",
                remedy: "Send less at once, or ask for a higher limit in \(Initialize.method).", outcome: .none))
          }
        }
      }
    }
    return end()
  }

  /// The input has ended: stops what runs, closes the session, and waits for neither longer than the grace.
  private func end() -> Int32 {
    let (orderly, tasks) = conversation.withLock { conversation in
      let ids = Array(conversation.running.keys)
      let tasks = ids.compactMap { conversation.running[$0]?.task }
      for id in ids { _ = conversation.stop(id, .ended) }
      let orderly = conversation.phase == .draining
      conversation.drain()
      return (orderly, tasks)
    }
    for task in tasks { task.cancel() }
    let closed = DispatchSemaphore(value: 0)
    Task {
      for task in tasks { await task.value }
      let last = session.withLock { session in
        defer { session = nil }
        return session
      }
      await last?.close()
      closed.signal()
    }
    if closed.wait(timeout: .now() + timing.endGrace) == .timedOut {
      logger.warning("The connector's code did not come to an end in time.")
      for id in conversation.withLock({ Array($0.running.keys) }) { answer(id, stopped: .ended) }
    }
    clock.stop()
    return orderly ? 0 : 1
  }
}
