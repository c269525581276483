import ConnectorProtocol
import Foundation
import Synchronization

/// Takes secrets out of text before it is logged, stored or shown.
///
/// It knows a secret as it was given and as it is commonly written: escaped in JSON, percent-encoded, in Base64.
final class SecretRedactor: Sendable {
  static let mark = "[secret]"
  /// Shorter ones would blot out ordinary words, and guard nothing.
  static let minimumLength = 4

  private let spellings = Mutex<[String]>([])

  func add(_ secrets: some Sequence<String>) {
    let added = secrets.filter { $0.count >= Self.minimumLength }.flatMap(Self.spellings(of:))
    spellings.withLock { known in
      // Longest first, so that one that holds another goes as a whole.
      known = Set(known + added).sorted { ($0.count, $0) > ($1.count, $1) }
    }
  }

  func redact(_ text: String) -> String {
    spellings.withLock { known in
      known.reduce(text) { text, secret in
        text.contains(secret) ? text.replacingOccurrences(of: secret, with: Self.mark) : text
      }
    }
  }

  func redact(_ text: String?) -> String? { text.map { redact($0) } }

  func redact(_ diagnostic: Diagnostic) -> Diagnostic {
    var clean = diagnostic
    clean.summary = redact(diagnostic.summary)
    clean.detail = redact(diagnostic.detail)
    clean.action = redact(diagnostic.action)
    return clean
  }

  func redact(_ error: ConnectorError) -> ConnectorError {
    var clean = error
    clean.message = redact(error.message)
    clean.remedy = redact(error.remedy)
    clean.provider?.message = redact(error.provider?.message)
    clean.diagnostics = error.diagnostics.map { redact($0) }
    clean.details = error.details.mapValues { redact($0) }
    return clean
  }

  private func redact(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(redact(text))
    case .array(let items): .array(items.map { redact($0) })
    case .object(let members): .object(members.mapValues { redact($0) })
    default: value
    }
  }

  private static func spellings(of secret: String) -> [String] {
    var all = [secret, Data(secret.utf8).base64EncodedString()]
    if let json = try? CanonicalJSON.encode(secret), let text = String(data: json, encoding: .utf8) {
      all.append(String(text.dropFirst().dropLast()))
    }
    if let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { all.append(encoded) }
    // A secret of several lines, such as a key, is logged line by line.
    all += secret.split(separator: "\n").map(String.init).filter { $0.count >= 16 }
    return all
  }
}
