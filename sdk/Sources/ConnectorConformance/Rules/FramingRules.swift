import ConnectorProtocol
import Foundation

/// One JSON object a line, and nothing else ends a line.
enum FramingRules {
  static func run(_ bench: Bench) {
    let limit = MessageLimits.defaultMaxMessageBytes
    let patience = bench.patience.answer

    pings(bench, "R2.1") { conversation in
      let first = conversation.newID()
      let bytes = try ping(first)
      try conversation.ask(first, bytes: Array(bytes[..<9]))
      for piece in [bytes[9..<10], bytes[10..<(bytes.count - 1)], bytes[(bytes.count - 1)...]] {
        Thread.sleep(forTimeInterval: 0.03)
        try conversation.send(bytes: Array(piece))
      }
      let (second, third) = (conversation.newID(), conversation.newID())
      try conversation.ask(second, bytes: [])
      try conversation.ask(third, bytes: ping(second) + ping(third))
      return [first, second, third]
    }
    pings(bench, "R2.2") { conversation in
      let id = conversation.newID()
      try conversation.ask(id, bytes: ping(id, extra: ["xText": .string("a\u{2028}b\u{2029}c\u{85}d\u{0C}e\u{0B}f")]))
      return [id]
    }
    let faults: [(String, [UInt8], ErrorReason)] = [
      ("R2.3", Array("this is not JSON".utf8), .parseError),
      ("R2.4", Array(#"{"jsonrpc":"2.0","id":1,"method":"a"#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8), .parseError),
      ("R2.5", Array(#"{"hello":"world"}"#.utf8), .invalidRequest),
      ("R2.6", Array(#"[{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}]"#.utf8), .invalidRequest),
      ("R2.8", Array(repeating: UInt8(ascii: " "), count: limit) + [UInt8(ascii: "x")], .messageTooLarge),
    ]
    for (rule, line, reason) in faults {
      bench.rule(rule) {
        let conversation = try bench.greeted()
        defer { conversation.finish() }
        let before = conversation.strayErrorCount
        try conversation.send(bytes: line + [0x0A])
        try conversation.strayError(after: before, reason, "such a line", patience: patience)
        _ = try conversation.call(Ping())
      }
    }
    pings(bench, "R2.7") { conversation in
      let id = conversation.newID()
      let bare = try ping(id, extra: ["xPadding": ""]).count - 1
      let padding = JSONValue.string(String(repeating: "x", count: limit - bare))
      try conversation.ask(id, bytes: ping(id, extra: ["xPadding": padding]))
      return [id]
    }
    bench.rule("R2.9") {
      let conversation = try bench.greeted()
      defer { conversation.finish() }
      try conversation.send(Envelope(method: "$/somethingNew", params: ["x": 1]))
      try conversation.send(Envelope(method: "something/else", params: [:]))
      _ = try conversation.call(Ping())
      try require(conversation.strayErrorCount == 0, "an unknown notification is answered")
    }
  }

  private static func ping(_ id: RequestID, extra: JSONValue = [:]) throws -> [UInt8] {
    Array(try CanonicalJSON.encode(Envelope(id: id, method: Ping.method, params: extra))) + [0x0A]
  }

  /// A rule that holds where each ping sent by `send` is answered.
  private static func pings(_ bench: Bench, _ rule: String, _ send: (Conversation) throws -> [RequestID]) {
    bench.rule(rule) {
      let conversation = try bench.greeted()
      defer { conversation.finish() }
      for id in try send(conversation) {
        _ = try conversation.result(of: Ping.self, conversation.answer(id, Ping.method))
      }
      if let stray = conversation.errors.first { throw RuleFailure("it answers \(stray.reason): \(stray.message)") }
    }
  }
}
