/// Where and why a message did not decode.
enum DecodingFault {
  /// The JSON Pointer (RFC 6901) of the fault, from the request's parameters on, and what is wrong there.
  static func describe(_ error: any Error) -> (pointer: String, why: String) {
    guard let error = error as? DecodingError else { return ("", String(describing: error)) }
    switch error {
    case .keyNotFound(let key, let context):
      return (pointer(context.codingPath + [key]), "the member `\(key.stringValue)` is missing")
    case .valueNotFound(_, let context):
      return (pointer(context.codingPath), "the value is null")
    case .typeMismatch(let type, let context):
      return (pointer(context.codingPath), "the value is not of the type \(name(type))")
    case .dataCorrupted(let context):
      return (pointer(context.codingPath), context.debugDescription)
    @unknown default:
      return ("", "the value cannot be read")
    }
  }

  private static func pointer(_ path: [any CodingKey]) -> String {
    let steps = path.first?.stringValue == "params" ? path.dropFirst() : path[...]
    return steps.map { step in
      if let index = step.intValue { return "/\(index)" }
      return "/" + step.stringValue.replacing("~", with: "~0").replacing("/", with: "~1")
    }.joined()
  }

  private static func name(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "string"
    case is Bool.Type: "boolean"
    case is Int.Type, is Int64.Type: "integer"
    case is Double.Type: "number"
    case is [Any].Type: "array"
    case is [String: Any].Type: "object"
    default: String(describing: type)
    }
  }
}
