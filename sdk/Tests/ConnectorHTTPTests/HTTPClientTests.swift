import ConnectorHTTP
import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@Suite struct HTTPClientTests {
  let server: TestServer
  let client = HTTPClient(HTTPClient.Configuration(proxy: .none))

  init() throws { server = try TestServer.shared.get() }

  private func echo(_ request: HTTPRequest) async throws -> Echo {
    let response = try await client.send(request)
    #expect(response.status == 200)
    return try JSONDecoder().decode(Echo.self, from: response.body)
  }

  @Test(arguments: ["GET", "DELETE", "POST", "PUT"]) func `methods, headers and paths arrive as they are`(
    method: String
  ) async throws {
    let headers: HTTPHeaders = ["X-Odd": "  a  b ", "X-Empty": "", "Content-Type": "text/x"]
    let body: HTTPBody = method == "GET" ? .none : .bytes(Data("hello".utf8))
    let path = "/a/./b/../%20c%2B?x=%2F&y"
    let echo = try await echo(HTTPRequest(method, server.url + path, headers: headers, body: body))
    #expect(echo.method == method)
    #expect(echo.path == path)
    #expect(echo.header("x-odd")?.trimmingCharacters(in: .whitespaces) == "a  b")
    #expect(echo.header("x-empty")?.isEmpty == true)
    #expect(echo.header("expect") == nil)
    #expect(echo.header("transfer-encoding") == nil)
    #expect(echo.length == (method == "GET" ? 0 : 5))
  }

  @Test func `an empty body has a length of zero`() async throws {
    let echo = try await echo(HTTPRequest("POST", server.url + "/echo", body: .bytes(Data())))
    #expect(echo.header("content-length") == "0")
  }

  @Test func `the head of an answer has no body`() async throws {
    let response = try await client.send(HTTPRequest("HEAD", server.url + "/echo"))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.headers["CONTENT-TYPE"] == "application/json")
  }

  @Test func `a connection is used again`() async throws {
    var ports: Set<Int> = []
    for _ in 0..<5 { ports.insert(try await echo(HTTPRequest("GET", server.url + "/echo")).port) }
    #expect(ports.count == 1)
  }

  @Test func `many requests run at once`() async throws {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<32 {
        group.addTask { try await client.send(HTTPRequest("GET", server.url + "/sleep/1")).status }
      }
      for try await status in group { #expect(status == 200) }
    }
    #expect(ContinuousClock.now - start < .seconds(16))
  }

  @Test func `every status is an answer`() async throws {
    let response = try await client.send(HTTPRequest("GET", server.url + "/status/404"))
    #expect(response.status == 404)
    #expect(String(decoding: response.body, as: UTF8.self) == "status")
    #expect(!response.isSuccess)
  }

  @Test func `redirections are followed only where asked`() async throws {
    let url = server.url + "/redirect"
    #expect(try await client.send(HTTPRequest("GET", url)).status == 302)
    #expect(try await echo(HTTPRequest("GET", url, redirects: 1)).path == "/echo")
  }

  @Test func `a body longer than the limit is an error`() async throws {
    let request = HTTPRequest("GET", server.url + "/big/100000", responseLimit: 99_999)
    await #expect { try await client.send(request) } throws: { ($0 as? HTTPFailure)?.kind == .responseTooLarge }
    let enough = HTTPRequest("GET", server.url + "/big/100000", responseLimit: 100_000)
    #expect(try await client.send(enough).body.count == 100_000)
  }

  @Test func `a stream is sent with its length, or in chunks`() async throws {
    for known in [true, false] {
      let pieces = Pieces(count: 40, bytes: 100_000)
      let sent = Sent()
      let body = HTTPBody.stream(length: known ? 4_000_000 : nil) { await pieces.next() }
      let echo = try await echo(
        HTTPRequest(
          "PUT", server.url + "/echo", body: body, sent: { sent.note($0) }))
      #expect(sent.newest == 4_000_000)
      #expect(echo.length == 4_000_000)
      #expect(echo.sha256 == Pieces.sha256(count: 40, bytes: 100_000))
      #expect(echo.header("content-length") == (known ? "4000000" : nil))
      #expect(echo.header("transfer-encoding") == (known ? nil : "chunked"))
    }
  }

  @Test(arguments: [-1, 1]) func `a stream of another length than it said is an error`(off: Int64) async throws {
    let pieces = Pieces(count: 4, bytes: 1000)
    let body = HTTPBody.stream(length: 4000 + off) { await pieces.next() }
    await #expect {
      try await client.send(HTTPRequest("PUT", server.url + "/echo", body: body))
    } throws: { ($0 as? HTTPFailure)?.kind == .bodyLength }
  }

  @Test func `what the source throws is thrown`() async throws {
    let body = HTTPBody.stream(length: nil) { throw CocoaError(.fileReadCorruptFile) }
    await #expect(throws: CocoaError.self) {
      try await client.send(HTTPRequest("PUT", server.url + "/echo", body: body))
    }
  }

  @Test func `an answer before the body is read ends the stream`() async throws {
    let pieces = Pieces(count: .max, bytes: 100_000)
    let body = HTTPBody.stream(length: nil) { await pieces.next() }
    await #expect {
      try await client.send(HTTPRequest("PUT", server.url + "/reset", body: body))
    } throws: { ($0 as? HTTPFailure)?.kind == .interrupted }
  }

  @Test func `an answer goes to a sink, as fast as that takes it`() async throws {
    let total = Counter()
    let response = try await client.send(HTTPRequest("GET", server.url + "/big/30000000")) { piece in
      await total.add(piece.count)
    }
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(await total.value == 30_000_000)
  }

  @Test func `the body of a bad answer does not go to the sink`() async throws {
    let response = try await client.send(HTTPRequest("GET", server.url + "/big/1000/500")) { _ in
      Issue.record("the sink was called")
    }
    #expect(response.status == 500)
    #expect(response.body.count == 1000)
  }

  @Test func `what the sink throws is thrown`() async throws {
    await #expect(throws: CocoaError.self) {
      try await client.send(HTTPRequest("GET", server.url + "/big/30000000")) { _ in
        throw CocoaError(.fileWriteOutOfSpace)
      }
    }
  }

  @Test func `a retry makes the request anew`() async throws {
    let attempts = Counter()
    let key = UUID().uuidString
    let policy = RetryPolicy(base: .milliseconds(10))
    let url = server.url + "/flaky/2/\(key)"
    let response = try await policy.send(by: client) { _ in
      await attempts.add()
      return HTTPRequest("GET", url)
    }
    #expect(response.status == 200)
    #expect(await attempts.value == 3)
    let refused = try await policy.send(by: client) { _ in HTTPRequest("GET", server.url + "/status/403") }
    #expect(refused.status == 403)
  }

  @Test func `waits grow, and end`() throws {
    let policy = RetryPolicy(attempts: 5, base: .seconds(1), longest: .seconds(3), deadline: .seconds(100))
    for (attempt, most) in [(1, 1.0), (2, 2), (3, 3), (4, 3)] {
      let wait = try #require(policy.wait(after: attempt))
      #expect(wait >= .seconds(most / 2) && wait <= .seconds(most))
    }
    #expect(policy.wait(after: 5) == nil)
    #expect(policy.wait(after: 1, elapsed: .seconds(100)) == nil)
    #expect(policy.wait(after: 1, asked: .seconds(30)) == .seconds(30))
    #expect(policy.wait(after: 1, asked: .seconds(300)) == nil)
  }

  @Test func `what a server asks to wait is read`() {
    func asked(_ value: String, date: String? = nil) -> Duration? {
      var headers: HTTPHeaders = ["Retry-After": value]
      headers["Date"] = date
      return HTTPResponse(status: 503, headers: headers).retryAfter()
    }
    #expect(asked("7") == .seconds(7))
    #expect(asked("-1") == nil)
    #expect(asked("soon") == nil)
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    #expect(asked("Sun, 06 Nov 1994 08:50:37 GMT", date: date) == .seconds(60))
    #expect(HTTPDate.parse(date) == Date(timeIntervalSince1970: 784_111_777))
  }
}

/// What a request said it had sent; it never falls.
final class Sent: Sendable {
  private let state = Mutex<Int64>(0)
  var newest: Int64 { state.withLock { $0 } }
  func note(_ count: Int64) {
    state.withLock { newest in
      #expect(count > newest)
      newest = count
    }
  }
}

/// Bytes that are the same each time they are made.
actor Pieces {
  private let count: Int
  private let bytes: Int
  private(set) var given = 0

  init(count: Int, bytes: Int) {
    self.count = count
    self.bytes = bytes
  }

  static func piece(_ index: Int, _ bytes: Int) -> Data {
    Data(repeating: UInt8(truncatingIfNeeded: index), count: bytes)
  }

  func next() -> Data? {
    guard given < count else { return nil }
    defer { given += 1 }
    return Self.piece(given, bytes)
  }

  static func sha256(count: Int, bytes: Int) -> String {
    var hash = SHA256()
    for index in 0..<count { hash.update(piece(index, bytes)) }
    return SHA256.hex(hash.finish())
  }
}
