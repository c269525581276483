import ConnectorProtocol
import Foundation

/// The shape of every error that came during the run.
enum ErrorRules {
  /// Asks for errors of several kinds, so that there are some whatever else is run.
  static func provoke(_ bench: Bench) {
    guard let conversation = try? bench.greeted() else { return }
    defer { conversation.finish() }
    let wrong: [(String, JSONValue)] = [
      (SessionCheck.method, [:]), ("no/suchMethod", [:]), (ConfigValidate.method, [:]),
    ]
    for (method, params) in wrong {
      guard let id = try? conversation.ask(method, params) else { return }
      _ = try? conversation.answer(id, method)
    }
  }

  static func run(_ bench: Bench) {
    let errors = bench.conversations.flatMap { conversation in
      conversation.all.compactMap { received in received.envelope.error.map { ($0, received.data) } }
    }
    func each(_ rule: String, _ body: (ConnectorError, JSONValue?) throws -> Void) {
      bench.rule(rule) {
        guard !errors.isEmpty else { throw RuleSkip("no error came") }
        for (error, data) in errors { try body(error, data) }
      }
    }
    each("R13.1") { error, data in
      for member in ["reason", "category", "outcome"] where data?[member]?.stringValue?.isEmpty ?? true {
        throw RuleFailure("error \(error.code) has no data.\(member)")
      }
      try require(data?["retry"]?["policy"]?.stringValue != nil, "error \(error.code) has no data.retry.policy")
    }
    each("R13.2") { error, _ in
      guard let entry = error.reason.entry else { return }
      try require(entry.code == error.code, "\(error.reason) has number \(error.code), not \(entry.code)")
      try require(
        entry.category == error.category, "\(error.reason) has category \(error.category), not \(entry.category)")
    }
    each("R13.3") { error, _ in try require(!error.message.isEmpty, "error \(error.code) has no message") }
  }
}
