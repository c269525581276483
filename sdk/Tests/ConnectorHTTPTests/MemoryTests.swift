import ConnectorHTTP
import Foundation
import Testing

/// What a long stream costs.
@Suite(.serialized) struct MemoryTests {
  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
  }

  @Test func `a stream of half a gigabyte needs a few megabytes`() async throws {
    let server = try TestServer()
    let client = HTTPClient(HTTPClient.Configuration(proxy: .none))
    let before = try residentBytes()
    let pieces = Pieces(count: 512, bytes: 1 << 20)
    let peak = Peak()
    let body = HTTPBody.stream(length: 512 << 20) {
      let piece = await pieces.next()
      if await pieces.given % 64 == 0 { await peak.note(try residentBytes()) }
      return piece
    }
    let response = try await client.send(HTTPRequest("PUT", server.url + "/echo", body: body))
    #expect(response.status == 200)
    #expect(try JSONDecoder().decode(Echo.self, from: response.body).length == 512 << 20)
    // Other suites run in this process at the same time: they hold some tens of megabytes at most.
    #expect(await peak.bytes - before < 128 << 20)
  }
}

actor Peak {
  private(set) var bytes = 0
  func note(_ value: Int) { bytes = max(bytes, value) }
}
