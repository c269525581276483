import ConnectorProtocol

/// A condition of a rule: comparisons of facts with values or other facts, joined by `and`, `or`, `not` and brackets.
///
/// A fact that is not known makes every comparison with it false, except `== null` and `!= null`. Operators: `== != > >=
/// < <=`, `in` and `contains` for lists, `before` for versions, `matches` for a regular expression.
struct RuleExpression: Sendable, Hashable {
  indirect enum Node: Sendable, Hashable {
    case value(JSONValue)
    /// A path of names: `target.cpuMax`.
    case fact(String)
    case list([Node])
    case not(Node)
    case and(Node, Node)
    case or(Node, Node)
    case compare(Comparison, Node, Node)
  }

  enum Comparison: String, Sendable, Hashable, CaseIterable {
    case equal = "==", unequal = "!=", above = ">", atLeast = ">=", below = "<", atMost = "<="
    case isIn = "in", contains, before, matches
  }

  static let always = RuleExpression(node: .value(.bool(true)))

  let node: Node

  private init(node: Node) { self.node = node }

  /// - Throws: `RuleSyntaxError` with what is wrong and where.
  init(_ text: String) throws(RuleSyntaxError) {
    var parser = RuleParser(try RuleToken.split(text))
    node = try parser.parse()
  }

  /// The names of all facts that are asked for.
  var facts: [String] { Self.facts(node) }

  private static func facts(_ node: Node) -> [String] {
    switch node {
    case .value: []
    case .fact(let path): [path]
    case .list(let nodes): nodes.flatMap(facts)
    case .not(let inner): facts(inner)
    case .and(let left, let right), .or(let left, let right), .compare(_, let left, let right):
      facts(left) + facts(right)
    }
  }

  func holds(_ facts: RuleFacts) -> Bool { Self.truth(Self.evaluate(node, facts)) }

  private static func truth(_ value: JSONValue) -> Bool { value.boolValue ?? false }

  private static func evaluate(_ node: Node, _ facts: RuleFacts) -> JSONValue {
    switch node {
    case .value(let value): value
    case .fact(let path): facts[path]
    case .list(let nodes): .array(nodes.map { evaluate($0, facts) })
    case .not(let inner): .bool(!truth(evaluate(inner, facts)))
    case .and(let left, let right): .bool(truth(evaluate(left, facts)) && truth(evaluate(right, facts)))
    case .or(let left, let right): .bool(truth(evaluate(left, facts)) || truth(evaluate(right, facts)))
    case .compare(let comparison, let left, let right):
      .bool(compare(comparison, evaluate(left, facts), evaluate(right, facts)))
    }
  }

  private static func compare(_ comparison: Comparison, _ left: JSONValue, _ right: JSONValue) -> Bool {
    switch comparison {
    case .equal: return isEqual(left, right)
    case .unequal: return !isEqual(left, right)
    case .above, .atLeast, .below, .atMost:
      guard let left = number(left), let right = number(right) else { return false }
      return switch comparison {
      case .above: left > right
      case .atLeast: left >= right
      case .below: left < right
      default: left <= right
      }
    case .isIn: return right.arrayValue?.contains { isEqual($0, left) } ?? false
    case .contains:
      if let text = left.stringValue, let part = right.stringValue { return text.contains(part) }
      return left.arrayValue?.contains { isEqual($0, right) } ?? false
    case .before:
      guard let left = left.stringValue, let right = right.stringValue else { return false }
      return VersionOrder.isBefore(left, right)
    case .matches:
      guard let text = left.stringValue, let pattern = right.stringValue, let regex = try? Regex(pattern) else {
        return false
      }
      return text.prefix(1024).firstMatch(of: regex) != nil
    }
  }

  private static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
    if let left = number(left), let right = number(right) { return left == right }
    return left == right
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

/// A condition that cannot be read.
struct RuleSyntaxError: Error, Hashable, CustomStringConvertible {
  var description: String
}
