import Glibc

/// The error of the host: what failed, on which object, why, and what to do next.
///
/// `code` is stable and for scripts (`backup.notRecognised`); the rest is for people. None of it ever holds a secret.
/// The command line and the job report show the same value.
public struct AscendError: Error, Codable, Hashable, Sendable {
  public var code: Code
  /// What failed, in one sentence without a full stop.
  public var message: String
  /// The file, machine, target or job that it failed on.
  public var object: String?
  /// Why, where something else said so: a tool, the system, a connector.
  public var cause: String?
  /// What to do next.
  public var remedy: String?

  public init(
    _ code: Code, _ message: String, object: String? = nil, cause: String? = nil, remedy: String? = nil
  ) {
    self.code = code
    self.message = message
    self.object = object
    self.cause = cause
    self.remedy = remedy
  }

  /// A stable name, `area.what`.
  public struct Code: RawRepresentable, ExpressibleByStringLiteral, Codable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.rawValue = value }

    public init(from decoder: any Decoder) throws {
      rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(rawValue)
    }
  }
}

extension AscendError: CustomStringConvertible {
  public var description: String {
    var text = Sentences.joined([message])
    if let object, !message.contains(object) { text += " (\(object))" }
    if let cause { text += ": \(cause)" }
    return Sentences.joined([text, remedy])
  }
}

extension AscendError {
  /// `error` as an `AscendError`: itself where it is one, else wrapped with `code` and `message`.
  public static func wrapping(_ error: any Error, as code: Code, _ message: String, object: String? = nil)
    -> AscendError
  {
    if let known = error as? AscendError { return known }
    if error is CancellationError {
      return AscendError("cancelled", "Cancelled", object: object)
    }
    return AscendError(code, message, object: object, cause: String(describing: error))
  }

  /// An error of the C library, from `errno`.
  public static func system(_ code: Code, _ message: String, object: String, errno number: Int32, remedy: String? = nil)
    -> AscendError
  {
    AscendError(code, message, object: object, cause: String(cString: strerror(number)), remedy: remedy)
  }
}
