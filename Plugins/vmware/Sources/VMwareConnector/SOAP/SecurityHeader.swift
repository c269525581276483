import Foundation

/// The WS-Security header that carries a SAML assertion (OASIS WSS 1.0, SAML Token Profile 1.1).
enum SecurityHeader {
  private static let base = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"

  /// - Parameter assertion: Goes in byte for byte: its signature covers every one of them.
  static func text(assertion: String, now: Date = Date()) -> String {
    let created = now.formatted(.iso8601)
    let expires = now.addingTimeInterval(300).formatted(.iso8601)
    return """
      <wsse:Security xmlns:wsse="\(base)-secext-1.0.xsd" xmlns:wsu="\(base)-utility-1.0.xsd">\
      <wsu:Timestamp><wsu:Created>\(created)</wsu:Created><wsu:Expires>\(expires)</wsu:Expires></wsu:Timestamp>\
      \(assertion)</wsse:Security>
      """
  }

  /// The assertion in a configured token: XML, or that in Base64. Nil where it is neither.
  static func assertion(_ token: String) -> String? {
    let text = token.trimmingCharacters(in: .whitespacesAndNewlines)
    if isAssertion(text) { return text }
    guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else { return nil }
    let decoded = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return isAssertion(decoded) ? decoded : nil
  }

  /// One element named `Assertion`, and nothing else: what follows it would get into the envelope.
  private static func isAssertion(_ text: String) -> Bool {
    guard text.hasPrefix("<"), !text.hasPrefix("<?"), let root = try? XMLTree.parse(Data(text.utf8)) else {
      return false
    }
    return root.name == "Assertion"
  }
}
