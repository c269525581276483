import ConnectorProtocol
import Foundation

extension Conversation {
  /// Sends a request as its type and decodes its result.
  func call<R: ConnectorRequest>(_ request: R, seconds: Double? = nil) throws -> R.Result {
    let id = try ask(R.method, parameters(request))
    return try result(of: R.self, answer(id, seconds: seconds, R.method))
  }

  /// The parameters of `request`, with what a host adds to every one.
  func parameters(_ request: some ConnectorRequest) throws -> JSONValue {
    guard case .object(var members) = try JSONValue.encoding(request) else {
      throw RuleFailure("the kit's own request is no object")
    }
    members["_meta"] = try JSONValue.encoding(RequestMeta(deadlineMs: 600_000, idleMs: 60_000))
    return .object(members)
  }

  func result<R: ConnectorRequest>(of type: R.Type, _ envelope: Envelope) throws -> R.Result {
    if let error = envelope.error {
      throw RuleFailure("\(R.method) answers \(error.reason.rawValue) (\(error.code)): \(error.message)")
    }
    guard let result = envelope.result else { throw RuleFailure("\(R.method) answers neither result nor error") }
    do {
      return try result.decode(R.Result.self)
    } catch {
      throw RuleFailure("the result of \(R.method) is not of its schema: \(Self.text(error))")
    }
  }

  /// Sends a request that must be refused with `reason`.
  @discardableResult
  func refused(_ method: String, _ params: JSONValue, _ reason: ErrorReason) throws -> ConnectorError {
    let id = try ask(method, params)
    return try refused(by: answer(id, method), reason, method)
  }

  @discardableResult
  func refused(by envelope: Envelope, _ reason: ErrorReason, _ what: String) throws -> ConnectorError {
    guard let error = envelope.error else {
      throw RuleFailure("\(what) is answered with a result, not with \(reason.rawValue)")
    }
    try require(
      error.reason == reason,
      "\(what) is answered with \(error.reason.rawValue) (\(error.code)), not with \(reason.rawValue)")
    return error
  }

  /// The error under a null id that comes after `count` earlier ones.
  func strayError(after count: Int, _ reason: ErrorReason, _ what: String, patience: Double) throws {
    let envelope = try wait("answer to \(what)", seconds: patience) { received in
      let stray = received.filter { $0.envelope.error != nil && $0.envelope.id == nil }
      return stray.count > count ? stray[count].envelope : nil
    }
    try refused(by: envelope, reason, what)
  }

  var strayErrorCount: Int { all.count { $0.envelope.error != nil && $0.envelope.id == nil } }

  static func text(_ error: any Error) -> String {
    guard let decoding = error as? DecodingError else { return "\(error)" }
    func path(_ context: DecodingError.Context) -> String {
      "/" + context.codingPath.map(\.stringValue).joined(separator: "/")
    }
    switch decoding {
    case .keyNotFound(let key, let context): return "\(path(context)): \(key.stringValue) is missing"
    case .typeMismatch(let type, let context): return "\(path(context)) is no \(type)"
    case .valueNotFound(let type, let context): return "\(path(context)) is null, not \(type)"
    case .dataCorrupted(let context): return "\(path(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
