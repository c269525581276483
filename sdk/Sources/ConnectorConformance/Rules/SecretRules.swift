import ConnectorProtocol
import Foundation

/// Secrets are nowhere but in the connector's memory.
enum SecretRules {
  static func run(_ bench: Bench) {
    let secrets = bench.options.secrets.values.filter { $0.count >= 4 } + [Bench.canary]
    func keeps(_ text: String, _ place: String) throws {
      for secret in secrets where text.contains(secret) { throw RuleFailure("a secret is \(place)") }
    }
    bench.rule("R12.1") {
      try bench.needEvidence()
      for conversation in bench.conversations { try keeps(conversation.standardError, "on standard error") }
    }
    bench.rule("R12.2") {
      try bench.needEvidence()
      for facts in bench.processFacts { try keeps(facts, "in the arguments or the environment") }
    }
    bench.rule("R12.3") {
      try bench.needEvidence()
      for conversation in bench.conversations {
        for received in conversation.all {
          let text = String(decoding: try CanonicalJSON.encode(received.envelope), as: UTF8.self)
          try keeps(text, "in a message: \(received.envelope.method ?? "an answer")")
        }
      }
    }
    bench.rule("R12.4") {
      try bench.needEvidence()
      for folder in Set([bench.workFolder, bench.stateFolder]) {
        guard let files = FileManager.default.enumerator(atPath: folder) else { continue }
        for case let path as String in files {
          let whole = folder + "/" + path
          let attributes = try? FileManager.default.attributesOfItem(atPath: whole)
          guard attributes?[.type] as? FileAttributeType == .typeRegular,
            (attributes?[.size] as? Int ?? 0) <= 8 << 20, let data = FileManager.default.contents(atPath: whole)
          else { continue }
          for secret in secrets where data.range(of: Data(secret.utf8)) != nil {
            throw RuleFailure("a secret is in \(path)")
          }
        }
      }
    }
  }
}
