import ConnectorProtocol
import Foundation
import Testing

@testable import Connectors

@Suite struct SecretRedactorTests {
  private func redactor(_ secrets: String...) -> SecretRedactor {
    let redactor = SecretRedactor()
    redactor.add(secrets)
    return redactor
  }

  @Test(
    arguments: [
      "the password is s3cr\"t/värd", "json: \"s3cr\\\"t/värd\"", "url: s3cr%22t%2Fv%C3%A4rd@host",
      "basic " + Data("s3cr\"t/värd".utf8).base64EncodedString(),
    ])
  func coversTheWaysToWriteIt(text: String) {
    let clean = redactor("s3cr\"t/värd").redact(text)
    #expect(clean.contains(SecretRedactor.mark))
    #expect(!clean.contains("värd") && !clean.contains("s3cr"))
  }

  @Test func leavesOrdinaryWordsAlone() {
    #expect(redactor("abc", "").redact("abc") == "abc")
  }

  @Test func takesTheLongerOneFirst() {
    #expect(redactor("pass", "password1").redact("password1") == SecretRedactor.mark)
  }

  @Test func cleansErrorsThroughAndThrough() {
    let secret = "hunter22"
    let error = ConnectorError(
      .unauthenticated, "no \(secret)", remedy: "not \(secret)",
      diagnostics: [Diagnostic(severity: .blocker, code: "c", summary: secret, detail: secret, action: secret)],
      provider: ConnectorError.ProviderError(message: "said \(secret)"),
      details: ["missing": [.string("a \(secret)"), ["deep": .string(secret)]]])
    #expect(!String(describing: redactor(secret).redact(error)).contains(secret))
  }
}
