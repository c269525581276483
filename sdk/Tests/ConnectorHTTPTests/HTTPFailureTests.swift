import ConnectorHTTP
import Foundation
import Testing

@Suite struct HTTPFailureTests {
  let server: TestServer
  let client = HTTPClient(HTTPClient.Configuration(proxy: .none))

  init() throws { server = try TestServer.shared.get() }

  private func failure(_ client: HTTPClient? = nil, _ request: HTTPRequest) async throws -> HTTPFailure {
    do {
      let response = try await (client ?? self.client).send(request)
      Issue.record("status \(response.status)")
      return HTTPFailure(.invalidResponse, host: "", "")
    } catch let failure as HTTPFailure {
      #expect(!failure.description.contains("secret"), "\(failure)")
      return failure
    }
  }

  @Test(
    arguments: [
      ("reset", .interrupted, true), ("cut", .interrupted, true), ("garbage", .invalidResponse, false),
    ] as [(String, HTTPFailure.Kind, Bool)])
  func `broken answers`(path: String, kind: HTTPFailure.Kind, retryable: Bool) async throws {
    let failure = try await failure(nil, HTTPRequest("GET", server.url + "/\(path)?signature=secret"))
    #expect(failure.kind == kind, "\(failure)")
    #expect(failure.isRetryable == retryable)
    #expect(server.url.hasSuffix(failure.host))
  }

  @Test func `nobody listens, or there is no such host`() async throws {
    let refused = try await failure(nil, HTTPRequest("GET", "http://127.0.0.1:1/?secret"))
    #expect(refused.kind == .connectionRefused)
    let unknown = try await failure(nil, HTTPRequest("GET", "http://host.invalid/?secret"))
    #expect(unknown.kind == .hostNotFound)
  }

  @Test func `silence ends a request`() async throws {
    for path in ["sleep/20", "trickle/20"] {
      let start = ContinuousClock.now
      let timeouts = HTTPTimeouts(idle: .seconds(1))
      let failure = try await failure(nil, HTTPRequest("GET", server.url + "/" + path, timeouts: timeouts))
      #expect(failure.kind == .timeout)
      #expect(ContinuousClock.now - start < .seconds(15))
    }
    let total = HTTPTimeouts(total: .milliseconds(700))
    #expect(try await failure(nil, HTTPRequest("GET", server.url + "/sleep/20", timeouts: total)).kind == .timeout)
  }

  @Test func `a slow source is no silence`() async throws {
    let pieces = Pieces(count: 2, bytes: 10)
    let body = HTTPBody.stream(length: 20) {
      try await Task.sleep(for: .seconds(4))
      return await pieces.next()
    }
    let timeouts = HTTPTimeouts(idle: .seconds(3))
    let response = try await client.send(HTTPRequest("PUT", server.url + "/echo", body: body, timeouts: timeouts))
    #expect(response.status == 200)
  }

  @Test func `cancelling ends a request at once`() async throws {
    let task = Task { try await client.send(HTTPRequest("GET", server.url + "/sleep/30")) }
    try await Task.sleep(for: .milliseconds(300))
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ContinuousClock.now - start < .seconds(15))
  }

  @Test func `cancelling ends a stream that waits`() async throws {
    let pieces = Pieces(count: .max, bytes: 1 << 20)
    let body = HTTPBody.stream(length: nil) { await pieces.next() }
    let task = Task { try await client.send(HTTPRequest("PUT", server.url + "/stall/30", body: body)) }
    try await Task.sleep(for: .seconds(1))
    // The server reads nothing: what was asked of the source is what fits into the sockets and one queue.
    #expect(await pieces.given < 40)
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ContinuousClock.now - start < .seconds(15))
  }

  @Test func `a client that goes ends its requests`() async throws {
    let url = server.url + "/echo"
    for _ in 0..<20 {
      let short = HTTPClient(HTTPClient.Configuration(proxy: .none))
      #expect(try await short.send(HTTPRequest("GET", url)).status == 200)
    }
  }

  @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "not a url", "http://", "http://a b/"])
  func `only http is spoken`(url: String) async throws {
    #expect(try await failure(nil, HTTPRequest("GET", url)).kind == .invalidRequest)
  }

  @Test func `headers cannot smuggle lines`() async throws {
    for headers: HTTPHeaders in [["X": "a\r\nY: b"], ["X\nY": "a"], ["": "a"], ["X": "\u{0}"]] {
      #expect(try await failure(nil, HTTPRequest("GET", server.url, headers: headers)).kind == .invalidRequest)
    }
    #expect(try await failure(nil, HTTPRequest("GET /", server.url)).kind == .invalidRequest)
  }

  // MARK: Certificates

  private func client(
    authorities: String? = nil, pin: CertificatePin? = nil
  ) -> HTTPClient {
    HTTPClient(HTTPClient.Configuration(authorities: authorities, pin: pin, proxy: .none))
  }

  @Test func `a certificate of an unknown authority is refused, and its fingerprint told`() async throws {
    let failure = try await failure(client(), HTTPRequest("GET", server.secureURL + "/echo"))
    #expect(failure.kind == .certificateUntrusted)
    let expected = try server.fingerprint("sha256").replacingOccurrences(of: ":", with: "").lowercased()
    #expect(failure.fingerprint == expected)
  }

  @Test func `a certificate of a given authority is taken`() async throws {
    let client = client(authorities: server.authority)
    #expect(try await client.send(HTTPRequest("GET", server.secureURL + "/echo")).status == 200)
  }

  @Test func `a certificate for another name is refused`() async throws {
    let url = server.secureURL.replacingOccurrences(of: "127.0.0.1", with: "localhost")
    let failure = try await failure(client(authorities: server.authority), HTTPRequest("GET", url))
    #expect(failure.kind == .certificateUntrusted)
  }

  @Test(arguments: ["sha1", "sha256"]) func `the pinned certificate is taken, and no other`(algorithm: String)
    async throws
  {
    let text = try server.fingerprint(algorithm)
    let pinned = client(pin: CertificatePin(text))
    for _ in 0..<3 {
      #expect(try await pinned.send(HTTPRequest("GET", server.secureURL + "/echo")).status == 200)
    }
    let other = String(text.reversed())
    let wrong = client(authorities: server.authority, pin: CertificatePin(other))
    let failure = try await failure(wrong, HTTPRequest("GET", server.secureURL + "/echo"))
    #expect(failure.kind == .certificateUntrusted)
    #expect(failure.fingerprint != nil)
  }

  @Test func `a file without certificates is told`() async throws {
    for path in ["/nonexistent.pem", "/etc/hostname"] {
      let failure = try await failure(client(authorities: path), HTTPRequest("GET", server.secureURL))
      #expect(failure.kind == .invalidRequest)
    }
  }

  @Test func `fingerprints are read in every spelling`() {
    #expect(CertificatePin(String(repeating: "AB:", count: 19) + "cd") != nil)
    #expect(CertificatePin(String(repeating: "ab", count: 32)) != nil)
    for wrong in ["", "ab", String(repeating: "a", count: 39), String(repeating: "zz", count: 20)] {
      #expect(CertificatePin(wrong) == nil)
    }
  }
}
