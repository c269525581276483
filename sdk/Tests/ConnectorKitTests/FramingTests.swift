import ConnectorKit
import ConnectorProtocol
import Foundation
import Testing

@Suite struct FramingTests {
  private func listing(_ filter: String, id: Int) throws -> Data {
    let request = Envelope(
      id: .number(Int64(id)), method: InventoryList.method,
      params: ["kind": "echo", "filter": .string(filter)])
    return try CanonicalJSON.encode(request)
  }

  @Test(arguments: [
    ("{\"jsonrpc\":", -32700, "parseError"), ("garbage", -32700, "parseError"), ("", -32700, "parseError"),
    ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600, "invalidRequest"),
    ("17", -32600, "invalidRequest"), ("null", -32600, "invalidRequest"), ("{}", -32600, "invalidRequest"),
    ("{\"jsonrpc\":\"1.0\",\"id\":9,\"method\":\"ping\"}", -32600, "invalidRequest"),
    ("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", -32600, "invalidRequest"),
    ("\u{FEFF}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", -32700, "parseError"),
  ])
  func whatIsNoRequestIsAnsweredAndTheConversationGoesOn(_ line: String, _ code: Int, _ reason: String) async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    harness.sendRaw(Data((line + "\n").utf8))
    let answer = try await harness.message { $0.error != nil }
    #expect(answer.error?.code == code)
    #expect(answer.error?.reason.rawValue == reason)
    #expect(answer.error?.outcome == Outcome.none)
    _ = try await harness.request(Ping())
    await harness.end(shutdown: false)
  }

  @Test func invalidUTF8IsNoJSON() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    harness.sendRaw(Data("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"".utf8) + Data([0xC3, 0x28]) + Data("\"}\n".utf8))
    #expect(try await harness.message { $0.error != nil }.error?.reason == .parseError)
  }

  @Test func bytesMayComeOneByOne() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    for byte in try listing("a\u{2028}b\u{2029}c\u{85}d", id: 77) + Data("\n".utf8) { harness.sendRaw(Data([byte])) }
    let result = try await harness.answer(to: .number(77))
    #expect(result["items"]?.arrayValue?.first?["id"] == "a\u{2028}b\u{2029}c\u{85}d")
  }

  @Test(arguments: [(4 << 20) - 1, 4 << 20, (4 << 20) + 1])
  func aLineMayHaveFourMebibytes(_ length: Int) async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    let overhead = try listing("", id: 50).count
    let line = try listing(String(repeating: "x", count: length - overhead), id: 50)
    #expect(line.count == length)
    harness.sendRaw(line + Data("\n".utf8))
    let answer = try await harness.message { $0.id == .number(50) || $0.error != nil }
    if length <= 4 << 20 {
      // The line is read; its echo is longer than a message may be only where the line was as long as can be.
      #expect(answer.id == .number(50))
    } else {
      #expect(answer.id == nil)
      #expect(answer.error?.reason == .messageTooLarge)
    }
    _ = try await harness.request(Ping())
  }

  @Test func anAnswerThatIsTooLongBecomesAnError() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    try await harness.open()
    let error = await #expect(throws: ConnectorError.self) { try await harness.request(InventoryList(kind: "large")) }
    #expect(error?.reason == .messageTooLarge)
  }

  @Test func theLimitOfInitializeCounts() async throws {
    let harness = try ConnectorHarness(ScriptedConnector.self)
    _ = try await harness.request(
      Initialize(protocolVersions: [1], host: .init(name: "h", version: "1"), limits: .init(maxMessageBytes: 8192)))
    harness.sendRaw(Data(repeating: 0x20, count: 8193) + Data("\n".utf8))
    #expect(try await harness.message { $0.error != nil }.error?.reason == .messageTooLarge)
  }
}
