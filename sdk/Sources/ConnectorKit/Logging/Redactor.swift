import ConnectorProtocol
import Foundation
import Synchronization

/// Knows the secrets of this process and takes them out of everything that is written besides results.
///
/// A secret is also recognised percent-encoded and in Base64, and a key of several lines by each of its lines.
/// Secrets shorter than four characters are not looked for: taking `a` out of every message would leave none.
final class Redactor: Sendable {
  static let shortest = 4
  static let placeholder = "[secret]"

  private let secrets = Mutex<[String]>([])

  func register(_ values: some Sequence<String>) {
    var forms: Set<String> = []
    for value in values {
      let lines = value.split(whereSeparator: \.isNewline).map(String.init)
      for text in [value] + (lines.count > 1 ? lines : []) where text.count >= Self.shortest {
        forms.insert(text)
        forms.insert(Data(text.utf8).base64EncodedString())
        if let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { forms.insert(encoded) }
      }
    }
    let added = forms
    secrets.withLock { known in
      // Longest first, so that no part of a longer secret stays when a shorter one is replaced in it.
      known = Set(known).union(added).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }
  }

  func redact(_ text: String) -> String {
    secrets.withLock { $0 }.reduce(text) { result, secret in
      result.contains(secret) ? result.replacingOccurrences(of: secret, with: Self.placeholder) : result
    }
  }

  func redact(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(redact(text))
    case .array(let items): .array(items.map(redact))
    case .object(let members): .object(members.mapValues(redact))
    default: value
    }
  }

  /// `error` with every text that may hold a secret cleaned.
  func redact(_ error: ConnectorError) -> ConnectorError {
    var error = error
    error.message = redact(error.message)
    error.remedy = error.remedy.map(redact)
    error.details = error.details.mapValues(redact)
    error.diagnostics = error.diagnostics.map(redact)
    if let message = error.provider?.message { error.provider?.message = redact(message) }
    return error
  }

  func redact(_ diagnostic: Diagnostic) -> Diagnostic {
    var diagnostic = diagnostic
    diagnostic.summary = redact(diagnostic.summary)
    diagnostic.detail = diagnostic.detail.map(redact)
    diagnostic.action = diagnostic.action.map(redact)
    return diagnostic
  }
}
