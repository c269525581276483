import ConnectorProtocol
import Foundation

/// One conversation with one connector process: what was sent, everything that came, and when.
///
/// `@unchecked Sendable`: all mutable state but `process` is read and written under `condition`; `process` is set once,
/// before the conversation is handed out.
final class Conversation: @unchecked Sendable {
  struct Received {
    var envelope: Envelope
    /// `error.data` as it came.
    var data: JSONValue?
    var at: Date
  }

  private let condition = NSCondition()
  private let patience: ConformanceOptions.Patience
  private let isCancelled: @Sendable () -> Bool
  private var splitter = LineSplitter()
  private var received: [Received] = []
  private var noise: [String] = []
  private var errorBytes: [UInt8] = []
  private var acknowledges = true
  private var withheld: [Int64] = []
  private var nextID: Int64 = 1
  private var asked: [RequestID] = []
  private var process: ConnectorProcess?

  init(patience: ConformanceOptions.Patience, isCancelled: @escaping @Sendable () -> Bool) {
    self.patience = patience
    self.isCancelled = isCancelled
  }

  func start(_ program: String, _ arguments: [String], environment: [String: String], folder: String) throws {
    process = try ConnectorProcess(
      program, arguments, environment: environment, folder: folder,
      output: { [weak self] in self?.take($0) }, errors: { [weak self] in self?.takeError($0) })
  }

  private func running() throws -> ConnectorProcess {
    guard let process else { throw RuleFailure("the connector was not started") }
    return process
  }

  // MARK: What comes

  private func take(_ bytes: [UInt8]) {
    var toAcknowledge: [Int64] = []
    condition.withLock {
      for line in splitter.feed(bytes) {
        guard String(validating: line, as: UTF8.self) != nil,
          let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(line)), envelope.kind != .invalid
        else {
          noise.append(String(decoding: line.prefix(200), as: UTF8.self))
          continue
        }
        let raw = envelope.error == nil ? nil : try? JSONDecoder().decode(JSONValue.self, from: Data(line))
        received.append(Received(envelope: envelope, data: raw?["error"]?["data"], at: Date()))
        if let entry = notification(envelope, LedgerNotification.self) {
          if acknowledges { toAcknowledge.append(entry.seq) } else { withheld.append(entry.seq) }
        }
      }
      condition.broadcast()
    }
    acknowledge(toAcknowledge)
  }

  private func takeError(_ bytes: [UInt8]) {
    condition.withLock { errorBytes.append(contentsOf: bytes.prefix((4 << 20) - min(4 << 20, errorBytes.count))) }
  }

  private func acknowledge(_ entries: [Int64]) {
    for seq in entries {
      guard let params = try? JSONValue.encoding(AckNotification(seq: seq)) else { continue }
      try? send(Envelope(method: AckNotification.method, params: params))
    }
  }

  // MARK: What is sent

  /// Writes are made by several threads (the answers to ledger entries come from the reader's), one at a time.
  private let writing = NSLock()

  func send(bytes: [UInt8]) throws {
    let taken = try writing.withLock { try running().write(bytes, seconds: patience.answer) }
    try require(taken, "it does not read its input")
  }

  func send(_ envelope: Envelope) throws {
    try send(bytes: Array(CanonicalJSON.encode(envelope)) + [0x0A])
  }

  func newID() -> RequestID {
    condition.withLock {
      defer { nextID += 1 }
      // Both kinds of id are in use all the time.
      return nextID % 2 == 0 ? .string("kit-\(nextID)") : .number(nextID)
    }
  }

  /// Sends a request and does not wait.
  func ask(_ method: String, _ params: JSONValue) throws -> RequestID {
    let id = newID()
    condition.withLock { asked.append(id) }
    try send(Envelope(id: id, method: method, params: params))
    return id
  }

  /// Sends bytes that hold the request `id`.
  func ask(_ id: RequestID, bytes: [UInt8]) throws {
    condition.withLock { asked.append(id) }
    try send(bytes: bytes)
  }

  func notify(_ notification: some ConnectorNotification) throws {
    try send(Envelope(method: type(of: notification).method, params: JSONValue.encoding(notification)))
  }

  // MARK: Waiting

  /// Waits until `find` finds something in what came.
  func wait<T>(_ what: String, seconds: Double, _ find: ([Received]) throws -> T?) throws -> T {
    let deadline = Date(timeIntervalSinceNow: seconds)
    return try condition.withLock {
      while true {
        if let found = try find(received) { return found }
        guard !isCancelled() else { throw RuleSkip("the run was cancelled") }
        if process?.hasEnded == true {
          // What it wrote before its end may still be on its way.
          _ = condition.wait(until: Date(timeIntervalSinceNow: 0.3))
          if let found = try find(received) { return found }
          throw RuleFailure("it ended instead of giving \(what)\(lastWords())")
        }
        guard Date() < deadline else { throw RuleFailure("no \(what) within \(Self.text(seconds)) s") }
        _ = condition.wait(until: min(deadline, Date(timeIntervalSinceNow: 0.2)))
      }
    }
  }

  /// The answer to a request.
  func answer(_ id: RequestID, seconds: Double? = nil, _ method: String) throws -> Envelope {
    try wait("answer to \(method)", seconds: seconds ?? patience.answer) { received in
      received.first { $0.envelope.kind == .response && $0.envelope.id == id }?.envelope
    }
  }

  // MARK: What was seen

  func acknowledging(_ acknowledges: Bool) {
    let waiting = condition.withLock {
      self.acknowledges = acknowledges
      defer { if acknowledges { withheld = [] } }
      return acknowledges ? withheld : []
    }
    acknowledge(waiting)
  }

  var all: [Received] { condition.withLock { received } }
  var strayLines: [String] { condition.withLock { noise } }
  var standardError: String { condition.withLock { String(decoding: errorBytes, as: UTF8.self) } }
  var requests: [RequestID] { condition.withLock { asked } }
  var errors: [ConnectorError] { all.compactMap(\.envelope.error) }

  func notifications<N: ConnectorNotification>(_ type: N.Type) -> [N] {
    all.compactMap { notification($0.envelope, type) }
  }

  private func lastWords() -> String {
    let text = String(decoding: errorBytes.suffix(300), as: UTF8.self)
    return text.split(separator: "\n").last.map { "; last on standard error: \($0)" } ?? ""
  }

  static func text(_ seconds: Double) -> String { String(format: "%g", seconds) }

  // MARK: Its end

  var pid: pid_t? { process?.pid }

  func closeInput() { writing.withLock { process?.closeInput() } }

  func signal(_ number: Int32) { process?.signal(number) }

  func waitForEnd(seconds: Double) -> ConnectorProcess.End? { process?.waitForEnd(seconds: seconds) }

  /// Lets it end, and ends it where it does not.
  func finish() {
    closeInput()
    _ = waitForEnd(seconds: 1)
    kill()
  }

  /// Ends the process at once.
  func kill() { writing.withLock { process?.kill() } }
}

/// The notification in `envelope`, where it is one of `type`.
func notification<N: ConnectorNotification>(_ envelope: Envelope, _ type: N.Type) -> N? {
  guard envelope.kind == .notification, envelope.method == N.method else { return nil }
  return try? envelope.params?.decode(type)
}
