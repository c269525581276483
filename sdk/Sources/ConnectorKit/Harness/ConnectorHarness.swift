public import ConnectorProtocol
public import Foundation
import Synchronization

/// A host for tests: runs a connector in this process, over a pair of pipes, and talks to it as the real one does.
///
///     let harness = try ConnectorHarness(MyConnector.self, workFolder: folder)
///     try await harness.open(connection: ["folder": "/tmp/x"])
///     let answer = try await harness.request(InventoryList(kind: "storage"))
///     #expect(await harness.end(shutdown: true) == 0)
///
/// Ledger entries are acknowledged at once, unless `acknowledges` says otherwise.
public final class ConnectorHarness: Sendable {
  private let toConnector: Int32
  private let fromConnector: Int32
  private let logs: HarnessLog
  private let mailbox = HarnessMailbox()
  private let writer: LineWriter
  private let nextID = Mutex<Int64>(1)
  private let exit = HarnessExit()

  /// - Throws: `POSIXError` where no pipe can be made.
  public convenience init<C: Connector>(
    _ type: C.Type, workFolder: String = FileManager.default.temporaryDirectory.path, acknowledges: Bool = true
  ) throws {
    try self.init(type, workFolder: workFolder, acknowledges: acknowledges, timing: nil)
  }

  init<C: Connector>(
    _ type: C.Type, workFolder: String, acknowledges: Bool, timing: ServerTiming?
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    let (connectorInput, toConnector) = try Self.pipe()
    let (fromConnector, connectorOutput) = try Self.pipe()
    let (logInput, logOutput) = try Self.pipe()
    self.toConnector = toConnector
    self.fromConnector = fromConnector
    writer = LineWriter(descriptor: toConnector)
    logs = HarnessLog(descriptor: logInput)
    let server = Server<C>(
      input: connectorInput, output: connectorOutput, logs: logOutput, workFolder: workFolder, timing: timing)
    Thread.detachNewThread { [exit] in
      let code = server.run()
      for descriptor in [connectorInput, connectorOutput, logOutput] { close(descriptor) }
      exit.set(code)
    }
    Thread.detachNewThread { [mailbox, writer] in
      HarnessReader(descriptor: fromConnector, mailbox: mailbox, writer: writer, acknowledges: acknowledges).run()
    }
  }

  deinit {
    end()
    close(fromConnector)
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Foundation.pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  // MARK: Requests

  /// Sends a request and waits for its answer.
  ///
  /// - Throws: The connector's `ConnectorError`; `HarnessError` where the conversation ended, or the answer is none.
  public func request<Request: ConnectorRequest>(
    _ request: Request, meta: RequestMeta? = nil
  ) async throws -> Request.Result {
    try await answer(to: send(request, meta: meta)).decode(Request.Result.self)
  }

  /// Sends a request; its id, for `answer(to:)` and `cancel`.
  public func send<Request: ConnectorRequest>(_ request: Request, meta: RequestMeta? = nil) throws -> RequestID {
    let id = nextID.withLock { next in
      defer { next += 1 }
      return RequestID.number(next)
    }
    var params = try JSONValue.encoding(request)
    if let meta, case .object(var members) = params {
      members["_meta"] = try JSONValue.encoding(meta)
      params = .object(members)
    }
    try send(Envelope(id: id, method: Request.method, params: params))
    return id
  }

  /// Waits for the answer to a request.
  public func answer(to id: RequestID) async throws -> JSONValue {
    let envelope = try await message { $0.id == id }
    if let error = envelope.error { throw error }
    guard let result = envelope.result else { throw HarnessError.noAnswer }
    return result
  }

  public func send(_ envelope: Envelope) throws {
    writer.write(try CanonicalJSON.encode(envelope))
  }

  public func notify<Notification: ConnectorNotification>(_ notification: Notification) throws {
    try send(Envelope(method: Notification.method, params: JSONValue.encoding(notification)))
  }

  public func cancel(_ id: RequestID, reason: String? = nil) throws {
    try notify(CancelNotification(id: id, reason: reason))
  }

  /// Writes bytes as they are: a line that is no message, or a part of one.
  public func sendRaw(_ bytes: Data) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(toConnector, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// `initialize` and `session/open`.
  @discardableResult
  public func open(connection: JSONValue = [:], secrets: [String: String] = [:]) async throws -> SessionOpen.Result {
    _ = try await request(
      Initialize(protocolVersions: ProtocolVersion.supported, host: .init(name: "harness", version: "1")))
    return try await request(SessionOpen(connection: connection, secrets: secrets))
  }

  /// `request` with an operation whose digest fits its parameters.
  public static func operation<Request: MutatingRequest>(
    _ request: Request, id: OperationID = OperationID(TimeOrderedUUID.make()), attempt: Int = 1
  ) throws -> Request {
    var request = request
    request.op = .init(id: id, attempt: attempt, digest: try OperationDigest.compute(for: request))
    return request
  }

  // MARK: What came

  /// The first message that was not taken yet and fits; waits for it, at most so long.
  public func message(
    within seconds: Double = 180, where fits: @escaping @Sendable (Envelope) -> Bool
  ) async throws -> Envelope {
    try await mailbox.take(within: seconds, fits)
  }

  /// All messages so far, in order, the acknowledged ledger entries included.
  public var messages: [Envelope] { mailbox.all }

  /// All notifications of a kind so far, in order.
  public func notifications<Notification: ConnectorNotification>(_ type: Notification.Type) throws -> [Notification] {
    try messages.filter { $0.method == Notification.method }.compactMap { try $0.params?.decode(type) }
  }

  /// Seconds from the end of the connector's input to its exit; nil before.
  public var exitDelay: Double? { exit.delay }

  /// What the connector logged so far.
  public var log: String { logs.text }

  // MARK: End

  /// Closes the connector's input; its exit code.
  @discardableResult
  public func end(shutdown: Bool) async -> Int32 {
    if shutdown { _ = try? await request(Shutdown()) }
    end()
    return await exit.code
  }

  private func end() {
    if exit.closeOnce() { close(toConnector) }
  }
}

public enum HarnessError: Error, Equatable {
  /// The connector ended the conversation before the message came.
  case ended
  case timedOut
  /// The message is no answer.
  case noAnswer
}
