import CCurl
import Foundation
import Synchronization

/// One request on its way: libcurl's handle, what it sends and what it has received.
///
/// `@unchecked Sendable`: what stands outside `shared` is set up before the engine has the transfer, used by the
/// engine's thread while it has it, and read again after `finish`, which the continuation orders.
final class Transfer: @unchecked Sendable {
  /// Bytes that wait between a source or sink and the connection: about that many, at most that and one piece.
  static let waitingBytes = 1 << 20
  private static let headerLimit = 256 << 10

  private struct Shared {
    var completion: CheckedContinuation<Result<Void, any Error>, Never>?
    var result: Result<Void, any Error>?
    var outgoing = PieceQueue()
    var incoming = PieceQueue()
    var sinkError: (any Error)?
    var closed = false
  }

  let handle: UnsafeMutableRawPointer
  let host: String
  private let request: HTTPRequest
  private let timeouts: HTTPTimeouts
  private let streamsResponse: Bool
  private let engine: CurlEngine
  private let certificate: UnsafeMutablePointer<ccurl_certificate>
  private let errorText: UnsafeMutablePointer<CChar>
  private let headerList: UnsafeMutablePointer<curl_slist>?
  private let shared = Mutex(Shared())

  // The engine's thread alone.
  private var bodyOffset = 0
  private var bodySent: Int64 = 0
  private var status = 0
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body = Data()
  private var fault: HTTPFailure?
  /// Nil until the connection stands.
  private var lastActivity: ContinuousClock.Instant?

  init(
    _ request: HTTPRequest, _ configuration: HTTPClient.Configuration, streamsResponse: Bool, engine: CurlEngine
  ) throws {
    let setup = try TransferSetup(request, configuration)
    self.request = request
    self.streamsResponse = streamsResponse
    self.engine = engine
    host = setup.host
    timeouts = setup.timeouts
    handle = setup.handle
    certificate = setup.certificate
    errorText = setup.errorText
    headerList = setup.headerList
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headerList)
    certificate.deallocate()
    errorText.deallocate()
  }

  /// Connects the handle's callbacks with this object: the engine keeps it until it has let go of the handle.
  func attach() {
    TransferCallbacks.attach(handle, to: self)
  }

  func failure(_ kind: HTTPFailure.Kind, _ detail: String) -> HTTPFailure {
    HTTPFailure(kind, host: host, detail)
  }

  // MARK: The end

  func start(_ continuation: CheckedContinuation<Result<Void, any Error>, Never>) {
    let result = shared.withLock { state in
      if state.result == nil { state.completion = continuation }
      return state.result
    }
    if let result { continuation.resume(returning: result) }
  }

  var isFinished: Bool { shared.withLock { $0.result != nil } }

  func finish(_ result: Result<Void, any Error>) {
    let completion = shared.withLock { state in
      guard state.result == nil else { return nil as CheckedContinuation<Result<Void, any Error>, Never>? }
      state.result = result
      defer { state.completion = nil }
      return state.completion
    }
    completion?.resume(returning: result)
  }

  /// Wakes the source and the sink: there is nothing more to wait for.
  func close(dropping: Bool) {
    let waiting = shared.withLock { state in
      state.closed = true
      if dropping { state.incoming.removeAll() }
      return [state.outgoing.wake(), state.incoming.wake()]
    }
    for continuation in waiting { continuation?.resume() }
  }

  /// The answer, once `finish` was called and the sink has everything.
  func response() throws -> HTTPResponse {
    if let error = shared.withLock({ $0.sinkError }) { throw error }
    return HTTPResponse(status: status, headers: headers, body: body)
  }

  func result(_ code: CURLcode) -> Result<Void, any Error> {
    if let fault { return .failure(fault) }
    guard code != CURLE_OK else { return .success(()) }
    var detail = String(cString: errorText)
    if detail.isEmpty { detail = String(cString: curl_easy_strerror(code)) }
    return .failure(
      CurlFault.failure(code, host: host, detail, certificate: certificate.pointee, connected: lastActivity != nil))
  }

  // MARK: Idleness

  func isIdle(_ now: ContinuousClock.Instant) -> Bool {
    guard let lastActivity, now - lastActivity > timeouts.idle else { return false }
    let waitsForUs = shared.withLock { $0.outgoing.isPaused || $0.incoming.isPaused }
    if waitsForUs { self.lastActivity = now }
    return !waitsForUs
  }

  var idleFailure: HTTPFailure {
    failure(.timeout, "nothing was sent or received for \(timeouts.idle.components.seconds) s")
  }

  func connected() { lastActivity = .now }

  // MARK: Sending, on the engine's thread

  /// The number of bytes, or one of libcurl's signs.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    lastActivity = .now
    let count: Int
    switch request.body {
    case .none: return 0
    case .bytes(let data):
      count = min(buffer.count, data.count - bodyOffset)
      data.withUnsafeBytes { bytes in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[bodyOffset..<bodyOffset + count]))
      }
      bodyOffset += count
    case .stream(let length, _):
      let (taken, waiting) = shared.withLock { state in
        let taken = state.outgoing.take(into: buffer)
        return (taken, state.outgoing.count < Self.waitingBytes ? state.outgoing.wake() : nil)
      }
      waiting?.resume()
      guard let taken else { return Int(CURL_READFUNC_PAUSE) }
      if let length, taken == 0 ? bodySent < length : bodySent + Int64(taken) > length {
        fault = failure(.bodyLength, "the body's source does not give the \(length) bytes that it said")
        return Int(CURL_READFUNC_ABORT)
      }
      count = taken
    }
    bodySent += Int64(count)
    if count > 0 { request.sent?(bodySent) }
    return count
  }

  /// Begins again, where a connection that was kept had gone; a stream cannot.
  func rewind(to offset: Int64) -> Int32 {
    guard case .bytes(let data) = request.body, (0...Int64(data.count)).contains(offset) else {
      return CURL_SEEKFUNC_FAIL
    }
    bodyOffset = Int(offset)
    bodySent = offset
    return CURL_SEEKFUNC_OK
  }

  // MARK: Receiving, on the engine's thread

  func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    lastActivity = .now
    headerBytes += line.count
    guard headerBytes <= Self.headerLimit else {
      fault = failure(.invalidResponse, "the answer's header is longer than \(Self.headerLimit) bytes")
      return false
    }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // An answer of its own: the final one after an interim one, or after a redirection.
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
      headers = HTTPHeaders()
      body = Data()
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
      headers.add(String(text[..<colon]), value)
    }
    return true
  }

  /// False to end the transfer, nil to have the same bytes again later.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool? {
    lastActivity = .now
    if streamsResponse, (200..<300).contains(status) {
      let (accepted, waiting) = shared.withLock { state in
        guard !state.closed else { return (true, nil as CheckedContinuation<Void, Never>?) }
        guard state.incoming.count < Self.waitingBytes else {
          state.incoming.isPaused = true
          return (false, nil)
        }
        state.incoming.append(Data(bytes))
        return (true, state.incoming.wake())
      }
      waiting?.resume()
      return accepted ? true : nil
    }
    guard body.count + bytes.count <= request.responseLimit else {
      fault = failure(.responseTooLarge, "the answer is longer than \(request.responseLimit) bytes")
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  // MARK: The source and the sink, on their own tasks

  /// Brings what the source gives to the connection, as fast as that takes it.
  func pump(_ next: @Sendable () async throws -> Data?) async {
    do {
      while let piece = try await next() {
        guard !piece.isEmpty else { continue }
        guard await feed(piece) else { return }
      }
      if shared.withLock({ $0.outgoing.end() }) { engine.resume(self) }
    } catch {
      engine.abort(self, error)
    }
  }

  /// False once the transfer has ended.
  private func feed(_ piece: Data) async -> Bool {
    let wasPaused = shared.withLock { state in
      state.outgoing.append(piece)
      defer { state.outgoing.isPaused = false }
      return state.outgoing.isPaused
    }
    if wasPaused { engine.resume(self) }
    await withCheckedContinuation { continuation in
      let goOn = shared.withLock { state in
        guard !state.closed, state.outgoing.count >= Self.waitingBytes else { return true }
        state.outgoing.wait(continuation)
        return false
      }
      if goOn { continuation.resume() }
    }
    return !shared.withLock { $0.closed }
  }

  /// Gives the sink what comes, until the transfer has ended and everything was taken.
  func drain(into sink: @Sendable (Data) async throws -> Void) async {
    do {
      while let piece = await takePiece() { try await sink(piece) }
    } catch {
      shared.withLock { $0.sinkError = error }
      engine.abort(self, error)
    }
  }

  private func takePiece() async -> Data? {
    while true {
      let (piece, resumed, closed) = shared.withLock { state in
        let piece = state.incoming.takeFirst()
        let resumed = state.incoming.isPaused && state.incoming.count < Self.waitingBytes / 2
        if resumed { state.incoming.isPaused = false }
        return (piece, resumed, state.closed)
      }
      if resumed { engine.resume(self) }
      if let piece { return piece }
      if closed { return nil }
      await withCheckedContinuation { continuation in
        let goOn = shared.withLock { state in
          guard !state.closed, state.incoming.count == 0 else { return true }
          state.incoming.wait(continuation)
          return false
        }
        if goOn { continuation.resume() }
      }
    }
  }
}
