import ConnectorHTTP
import ConnectorProtocol
import Foundation

/// The server's web side: the API, datastore folders and uploads, over one set of connections.
final class WebClient: Sendable {
  static let soapPath = "/sdk"
  /// A page of 200 virtual machines with their configuration stays far below.
  static let largestAnswer = 48 << 20

  struct Reply: Sendable {
    var status: Int
    var body: Data
    var sessionCookie: String?
  }

  /// `https://vc.example.org:8443`.
  let base: String
  /// `vc.example.org:8443`, for messages and for URLs that leave the host out.
  let server: String
  private let http: HTTPClient
  private let trust: Trust

  /// How the server's certificate is checked.
  struct Trust: Hashable, Sendable {
    /// A file of certificates in PEM to trust instead of the system's.
    var caFile: String?
    /// SHA-1 or SHA-256 of the one certificate that is right.
    var thumbprint: String?
  }

  init(base: String, trust: Trust) {
    self.base = base
    server = base.split(separator: "/").last.map(String.init) ?? base
    self.trust = trust
    http = Self.client(trust)
  }

  private static func client(_ trust: Trust) -> HTTPClient {
    HTTPClient(
      HTTPClient.Configuration(
        authorities: trust.thumbprint == nil ? trust.caFile : nil, pin: trust.thumbprint.flatMap(CertificatePin.init),
        timeouts: HTTPTimeouts(connect: .seconds(20), idle: .seconds(120)), connectionsPerHost: 32, http2: false,
        userAgent: "Ascend"))
  }

  /// Calls the API.
  func soap(_ body: Data, action: String, cookie: String?) async throws -> Reply {
    try await post(
      Self.soapPath, body,
      headers: ["Content-Type": "text/xml; charset=\"utf-8\"", "SOAPAction": action].merging(
        cookie.map { ["Cookie": $0] } ?? [:]
      ) { first, _ in first })
  }

  private func post(_ path: String, _ body: Data, headers: [String: String]) async throws -> Reply {
    let response = try await send(
      HTTPRequest(
        "POST", base + path, headers: Self.fields(headers), body: .bytes(body), responseLimit: Self.largestAnswer),
      by: http)
    return Reply(
      status: response.status, body: response.body,
      sessionCookie: response.headers.values("Set-Cookie").compactMap(Self.sessionCookie).last)
  }

  /// `vmware_soap_session="…"`, as it goes back: without what follows the first semicolon.
  static func sessionCookie(_ field: String) -> String? {
    guard field.hasPrefix("vmware_soap_session=") else { return nil }
    let pair = field.prefix { $0 != ";" }
    return pair.count > "vmware_soap_session=".count ? String(pair) : nil
  }

  private static func fields(_ headers: [String: String]) -> HTTPHeaders {
    var fields = HTTPHeaders()
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { fields[name] = value }
    return fields
  }

  /// One transfer of a whole file.
  struct Upload: Sendable {
    var method: String
    var url: String
    var contentType: String
    /// Nil: sent in chunks.
    var length: Int64?
    var cookie: String?
    /// SHA-1 of the certificate of the host that takes the upload, where the server has told it.
    var thumbprint: String?
  }

  /// Sends a body of any length.
  ///
  /// - Throws: `ConnectorError` for a connection that fails, or another status than success.
  func upload(_ upload: Upload, _ next: @escaping @Sendable () async throws -> Data?) async throws {
    var headers = ["Content-Type": upload.contentType, "Expect": "", "Overwrite": "t"]
    headers["Cookie"] = upload.cookie
    var request = HTTPRequest(
      upload.method, upload.url, headers: Self.fields(headers), body: .stream(length: upload.length, next: next),
      responseLimit: 1 << 20)
    // A host may be long in making room for what it is sent.
    request.timeouts = HTTPTimeouts(connect: .seconds(20), idle: .seconds(300))
    let pinned = upload.thumbprint.flatMap(Settings.thumbprint)
    let client = pinned.map { Self.client(Trust(thumbprint: $0)) } ?? http
    let response = try await send(request, by: client)
    guard response.isSuccess else { throw Self.refused(response, Self.host(of: upload.url)) }
  }

  /// What lies at a URL of the server, with its status.
  func get(_ url: String, cookie: String?, limit: Int) async throws -> (status: Int, body: Data) {
    let request = HTTPRequest(
      "GET", url, headers: Self.fields(cookie.map { ["Cookie": $0] } ?? [:]), responseLimit: limit)
    let response = try await send(request, by: http)
    return (response.status, response.body)
  }

  private func send(_ request: HTTPRequest, by client: HTTPClient) async throws -> HTTPResponse {
    do { return try await client.send(request) } catch let failure as HTTPFailure {
      throw Failure.transport(failure, isHost: Self.host(of: request.url) != server)
    }
  }

  static func host(of url: String) -> String {
    guard let parts = URLComponents(string: url), let host = parts.host else { return url }
    return host + (parts.port.map { ":\($0)" } ?? "")
  }

  private static func refused(_ response: HTTPResponse, _ host: String) -> ConnectorError {
    let said = String(decoding: response.body.prefix(400), as: UTF8.self)
      .split(whereSeparator: \.isNewline).joined(separator: " ")
    if response.status == 507 || said.localizedCaseInsensitiveContains("no space") {
      return ConnectorError(
        .capacityExhausted, "\(host) has no room for the disk: HTTP status \(response.status).",
        remedy: "Free space on the datastore, or choose another, and retry.", outcome: .partial,
        provider: .init(httpStatus: response.status, message: said))
    }
    var error = Failure.status(response.status, host, "an upload")
    error.outcome = .partial
    error.provider = ConnectorError.ProviderError(httpStatus: response.status, message: said)
    return error
  }
}
