import ConnectorProtocol
import Support

/// What rules may ask about: `machine`, `guest`, `target`, `plan`, and `item` in a rule for each of a list.
struct RuleFacts: Sendable {
  private var root: [String: JSONValue]

  init(_ root: [String: JSONValue]) { self.root = root }

  /// The fact at a path of names; `null` where there is none. A list has a `count`.
  subscript(path: String) -> JSONValue {
    var value = JSONValue.object(root)
    for name in path.split(separator: ".") {
      if name == "count", let items = value.arrayValue {
        value = .integer(Int64(items.count))
      } else {
        value = value[String(name)] ?? .null
      }
    }
    return value
  }

  func with(_ item: JSONValue) -> RuleFacts {
    var facts = self
    facts.root["item"] = item
    return facts
  }

  /// A text with its places filled in.
  func fill(_ text: String) -> String {
    text.replacing(/\{([A-Za-z][A-Za-z0-9.]*)(\|bytes)?\}/) { match in
      let value = self[String(match.output.1)]
      if match.output.2 != nil, let bytes = value.integerValue { return Format.bytes(bytes) }
      return Self.shown(value)
    }
  }

  /// The names that a text has places for.
  static func places(_ text: String) -> [String] {
    text.matches(of: /\{([A-Za-z][A-Za-z0-9.]*)(?:\|bytes)?\}/).map { String($0.output.1) }
  }

  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: "unknown"
    case .bool(let flag): flag ? "yes" : "no"
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .string(let text): text
    case .array(let items): items.map(shown).joined(separator: ", ")
    case .object: "(several facts)"
    }
  }
}
