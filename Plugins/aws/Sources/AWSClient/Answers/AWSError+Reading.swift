import ConnectorHTTP
import ConnectorProtocol
import Foundation

extension AWSError {
  /// What an answer says went wrong; nil where nothing did.
  static func reading(_ response: AWSResponse, of call: Call, hiding keys: AWSCredentials?) -> AWSError? {
    let succeeded = (200..<300).contains(response.status)
    if succeeded && !mayHideError(response, call) { return nil }
    guard let said = said(response) else {
      return succeeded ? nil : plain(response, call)
    }
    var error = AWSError(
      service: call.service, operation: call.operation, status: response.status, code: said.code,
      message: words(said.message, said.code, hiding: keys), reason: said.reason,
      requestId: response.requestId ?? said.requestId)
    error.classify(inAnswer: succeeded)
    return error
  }

  /// CompleteMultipartUpload takes so long that its status goes out first: a failure is told in the body of a 200.
  private static func mayHideError(_ response: AWSResponse, _ call: Call) -> Bool {
    call.operation == "CompleteMultipartUpload" && response.body.range(of: Data("<Error>".utf8)) != nil
  }

  /// An answer without a code: a proxy's page, or none at all.
  private static func plain(_ response: AWSResponse, _ call: Call) -> AWSError {
    var error = AWSError(
      service: call.service, operation: call.operation, status: response.status, code: Codes.httpStatus,
      message: "the answer has HTTP status \(response.status) and no reason that can be read",
      requestId: response.requestId)
    error.classify(inAnswer: false)
    return error
  }

  private struct Said {
    var code: String
    var message: String
    var reason: String?
    var requestId: String?
  }

  private static func said(_ response: AWSResponse) -> Said? {
    let first = response.body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    if first == UInt8(ascii: "<") { return xml(response.body) }
    return json(response, first == UInt8(ascii: "{"))
  }

  /// EC2's `Response/Errors/Error`, S3's `Error`, the others' `ErrorResponse/Error`.
  private static func xml(_ body: Data) -> Said? {
    guard let root = try? XMLReader.parse(body, limits: .init(bytes: 1 << 20)) else { return nil }
    let error = root.name == "Error" ? root : root["Error"] ?? root.at("Errors/Error")
    guard let error, let code = error.string("Code") else { return nil }
    return Said(
      code: code, message: error.string("Message") ?? "",
      requestId: error.string("RequestId") ?? root.string("RequestId") ?? root.string("RequestID"))
  }

  /// The code is in a header, in `__type` or in `code`, with a namespace before it or more after it.
  private static func json(_ response: AWSResponse, _ hasBody: Bool) -> Said? {
    let body = hasBody ? try? JSONDecoder().decode(JSONValue.self, from: response.body) : nil
    let type = response.headers["x-amzn-ErrorType"] ?? body?["__type"]?.stringValue ?? body?["code"]?.stringValue
    guard let type, let code = type.split(separator: ":").first?.split(separator: "#").last else { return nil }
    return Said(
      code: String(code), message: body?["Message"]?.stringValue ?? body?["message"]?.stringValue ?? "",
      reason: body?["Reason"]?.stringValue)
  }

  /// One line of bounded length, without what a service repeats of keys: a refused signature is explained with the
  /// request's own headers.
  private static func words(_ text: String, _ code: String, hiding keys: AWSCredentials?) -> String {
    var text = text
    if let cut = text.range(of: "The Canonical String") { text = String(text[..<cut.lowerBound]) }
    if let cut = text.range(of: "Encoded authorization failure message") { text = String(text[..<cut.lowerBound]) }
    for secret in [keys?.secretAccessKey, keys?.sessionToken].compactMap({ $0 }) where !secret.isEmpty {
      text = text.replacingOccurrences(of: secret, with: "…")
    }
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingCharacters(in: .whitespaces)
    return line.isEmpty ? "the service gives no reason but '\(code)'" : String(line.prefix(1000))
  }

  static func cancelled(_ call: Call) -> AWSError {
    AWSError(service: call.service, operation: call.operation, code: Codes.cancelled, message: "it was cancelled")
  }

  static func transport(_ failure: HTTPFailure, _ call: Call) -> AWSError {
    if failure.kind == .responseTooLarge {
      return malformed(call.service, call.operation, "the answer is larger than \(call.responseLimit) bytes")
    }
    return AWSError(
      service: call.service, operation: call.operation, code: Codes.transport, message: "\(failure)",
      transport: failure, isRetryable: failure.isRetryable)
  }

  /// The source of the body gave none.
  static func body(_ why: String, _ call: Call) -> AWSError {
    AWSError(
      service: call.service, operation: call.operation, code: Codes.body,
      message: "what is to be sent cannot be read: \(why)")
  }

  static func malformed(_ service: String, _ operation: String, _ what: String, status: Int = 0) -> AWSError {
    AWSError(service: service, operation: operation, status: status, code: Codes.malformedAnswer, message: what)
  }
}
