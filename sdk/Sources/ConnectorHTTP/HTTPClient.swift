public import Foundation

/// Sends requests over libcurl: connections are kept and used again, certificates always checked.
///
/// One client has one thread of its own, whatever the number of requests underway; calls suspend and never block. The
/// thread ends with the client, and with it the requests that are still underway.
public final class HTTPClient: Sendable {
  public struct Configuration: Sendable {
    /// A file of certificates, PEM, to trust instead of the system's.
    public var authorities: String?
    public var pin: CertificatePin?
    public var proxy: Proxy
    public var timeouts: HTTPTimeouts
    /// More requests than that wait for each other.
    public var connectionsPerHost: Int
    /// False keeps to HTTP/1.1: several connections carry more than the streams of one.
    public var http2: Bool
    public var userAgent: String?

    public init(
      authorities: String? = nil, pin: CertificatePin? = nil, proxy: Proxy = .environment,
      timeouts: HTTPTimeouts = HTTPTimeouts(), connectionsPerHost: Int = 64, http2: Bool = true,
      userAgent: String? = nil
    ) {
      self.authorities = authorities
      self.pin = pin
      self.proxy = proxy
      self.timeouts = timeouts
      self.connectionsPerHost = connectionsPerHost
      self.http2 = http2
      self.userAgent = userAgent
    }
  }

  public enum Proxy: Hashable, Sendable {
    /// What `http_proxy`, `https_proxy` and `no_proxy` say.
    case environment
    case none
    /// `http://host:port`, and what else libcurl knows.
    case url(String)
  }

  private let configuration: Configuration
  private let engine: CurlEngine

  public init(_ configuration: Configuration = Configuration()) {
    self.configuration = configuration
    engine = CurlEngine(connectionsPerHost: configuration.connectionsPerHost)
  }

  deinit { engine.stop() }

  /// Sends a request and keeps the whole answer in memory, up to the request's `responseLimit`.
  ///
  /// - Throws: `HTTPFailure`; what the body's source throws; `CancellationError`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await perform(request, sink: nil)
  }

  /// Sends a request and gives the answer's body, where its status is 2xx, to `sink`, piece by piece and no faster than
  /// it takes them. The body of any other answer is kept as by `send`.
  ///
  /// - Throws: As `send`, and what `sink` throws.
  public func send(
    _ request: HTTPRequest, into sink: @escaping @Sendable (Data) async throws -> Void
  ) async throws -> HTTPResponse {
    try await perform(request, sink: sink)
  }

  private func perform(
    _ request: HTTPRequest, sink: (@Sendable (Data) async throws -> Void)?
  ) async throws -> HTTPResponse {
    try Task.checkCancellation()
    let transfer = try Transfer(request, configuration, streamsResponse: sink != nil, engine: engine)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      if let sink { group.addTask { await transfer.drain(into: sink) } }
      let result = await exchange(transfer, request)
      var failed = false
      if case .failure = result { failed = true }
      transfer.close(dropping: failed)
      // Of a good answer the sink still gets the rest; the rest of a bad one is nothing to wait for.
      if failed { group.cancelAll() }
      try await group.waitForAll()
      try result.get()
      return try transfer.response()
    }
  }

  /// Runs the transfer, with its source beside it, to its end.
  private func exchange(_ transfer: Transfer, _ request: HTTPRequest) async -> Result<Void, any Error> {
    await withTaskGroup(of: Void.self) { group in
      if case .stream(_, let next) = request.body { group.addTask { await transfer.pump(next) } }
      let engine = engine
      let result = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          transfer.start(continuation)
          engine.add(transfer)
        }
      } onCancel: {
        engine.abort(transfer, CancellationError())
      }
      // A server may answer before it has read everything: the source is not asked any more.
      transfer.close(dropping: false)
      group.cancelAll()
      return result
    }
  }
}
