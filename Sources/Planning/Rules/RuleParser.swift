import ConnectorProtocol

/// The words of a condition.
enum RuleToken: Hashable, Sendable {
  case name(String)
  case text(String)
  case number(Double)
  case symbol(String)

  private static let symbols = ["==", "!=", ">=", "<=", ">", "<", "(", ")", "[", "]", ","]

  static func split(_ text: String) throws(RuleSyntaxError) -> [RuleToken] {
    guard text.utf8.count <= 4096 else { throw RuleSyntaxError(description: "the condition is longer than 4096 bytes") }
    var tokens: [RuleToken] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if first == "\"" || first == "'" {
        let body = rest.dropFirst().prefix { $0 != first }
        guard body.endIndex < rest.endIndex else { throw RuleSyntaxError(description: "a text has no end: \(rest)") }
        tokens.append(.text(String(body)))
        rest = rest[rest.index(after: body.endIndex)...]
      } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
        tokens.append(.symbol(symbol))
        rest = rest.dropFirst(symbol.count)
      } else if first.isNumber {
        let digits = rest.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { throw RuleSyntaxError(description: "\(digits) is no number") }
        tokens.append(.number(number))
        rest = rest[digits.endIndex...]
      } else if first.isLetter {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
        tokens.append(.name(String(word)))
        rest = rest[word.endIndex...]
      } else {
        throw RuleSyntaxError(description: "\(first) has no meaning in a condition")
      }
    }
    return tokens
  }
}

/// Reads a condition: `or` binds least, then `and`, `not`, and the comparisons.
struct RuleParser {
  private static let deepest = 32
  private static let reserved = Set(["and", "or", "not"] + RuleExpression.Comparison.allCases.map(\.rawValue))

  private var tokens: ArraySlice<RuleToken>
  private var depth = 0

  init(_ tokens: [RuleToken]) { self.tokens = tokens[...] }

  mutating func parse() throws(RuleSyntaxError) -> RuleExpression.Node {
    let node = try alternatives()
    if let token = tokens.first {
      throw RuleSyntaxError(description: "nothing is expected before \(Self.shown(token))")
    }
    return node
  }

  private mutating func alternatives() throws(RuleSyntaxError) -> RuleExpression.Node {
    var node = try conjunction()
    while take(word: "or") { node = .or(node, try conjunction()) }
    return node
  }

  private mutating func conjunction() throws(RuleSyntaxError) -> RuleExpression.Node {
    var node = try negation()
    while take(word: "and") { node = .and(node, try negation()) }
    return node
  }

  private mutating func negation() throws(RuleSyntaxError) -> RuleExpression.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.deepest else { throw RuleSyntaxError(description: "the condition is nested too deeply") }
    if take(word: "not") { return .not(try negation()) }
    let left = try operand()
    guard let comparison = takeComparison() else { return left }
    return .compare(comparison, left, try operand())
  }

  private mutating func operand() throws(RuleSyntaxError) -> RuleExpression.Node {
    guard let token = tokens.popFirst() else { throw RuleSyntaxError(description: "the condition ends too early") }
    switch token {
    case .text(let text): return .value(.string(text))
    case .number(let number): return .value(Int64(exactly: number).map { .integer($0) } ?? .number(number))
    case .name("true"): return .value(.bool(true))
    case .name("false"): return .value(.bool(false))
    case .name("null"): return .value(.null)
    case .name(let word) where Self.reserved.contains(word):
      throw RuleSyntaxError(description: "a fact or a value is expected at \(word)")
    case .name(let path): return .fact(path)
    case .symbol("("):
      let node = try alternatives()
      try expect(")")
      return node
    case .symbol("["):
      var items: [RuleExpression.Node] = []
      while tokens.first != .symbol("]") {
        items.append(try operand())
        if tokens.first != .symbol("]") { try expect(",") }
      }
      try expect("]")
      return .list(items)
    case .symbol: throw RuleSyntaxError(description: "a fact or a value is expected at \(Self.shown(token))")
    }
  }

  private mutating func takeComparison() -> RuleExpression.Comparison? {
    let word: String
    switch tokens.first {
    case .symbol(let symbol): word = symbol
    case .name(let name): word = name
    default: return nil
    }
    guard let comparison = RuleExpression.Comparison(rawValue: word) else { return nil }
    tokens.removeFirst()
    return comparison
  }

  private mutating func take(word: String) -> Bool {
    guard tokens.first == .name(word) else { return false }
    tokens.removeFirst()
    return true
  }

  private mutating func expect(_ symbol: String) throws(RuleSyntaxError) {
    guard tokens.popFirst() == .symbol(symbol) else { throw RuleSyntaxError(description: "\(symbol) is missing") }
  }

  private static func shown(_ token: RuleToken) -> String {
    switch token {
    case .name(let text), .symbol(let text): text
    case .text(let text): "\"\(text)\""
    case .number(let number): String(number)
    }
  }
}
