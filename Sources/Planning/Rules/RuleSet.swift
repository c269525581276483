import ConnectorProtocol
import Foundation
public import Support

/// The rules that a plan is held against: the bundled ones, and the operator's.
public struct RuleSet: Sendable {
  /// What a file of rules holds.
  public struct Document: Codable, Hashable, Sendable {
    public var rules: [Rule]

    public init(rules: [Rule]) { self.rules = rules }
  }

  public let rules: [Rule]
  private let conditions: [RuleExpression]

  /// The bundled rules alone. Should they not be readable, every plan is blocked and says so.
  public static let standard: RuleSet = {
    do throws(AscendError) {
      return try RuleSet()
    } catch {
      let rule = Rule(id: "rules.invalid", severity: .blocker, when: "true", summary: error.description)
      return RuleSet(rules: [rule], conditions: [.always])
    }
  }()

  private init(rules: [Rule], conditions: [RuleExpression]) {
    self.rules = rules
    self.conditions = conditions
  }

  /// The bundled rules with `extra` in addition, or in place of those with the same id, unless they are fixed.
  ///
  /// - Throws: `rules.invalid`.
  public init(adding extra: [Rule] = []) throws(AscendError) {
    var rules = try Self.bundled()
    for rule in extra {
      if let place = rules.firstIndex(where: { $0.id == rule.id }) {
        guard rules[place].fixed != true || rules[place] == rule else {
          throw AscendError(
            "rules.invalid", "A preflight rule cannot be replaced", object: rule.id,
            cause: "it says what cannot be done at all, whatever somebody thinks of it", remedy: "Leave it out")
        }
        rules[place] = rule
      } else {
        rules.append(rule)
      }
    }
    var conditions: [RuleExpression] = []
    for rule in rules { conditions.append(try rule.check()) }
    let used = rules.indices.filter { rules[$0].disabled != true }
    self.rules = used.map { rules[$0] }
    self.conditions = used.map { conditions[$0] }
  }

  /// The rules of `rules.json`, in their order.
  public static func bundled() throws(AscendError) -> [Rule] {
    do {
      return try JSONDecoder().decode(Document.self, from: Data(PackageResources.rules_json)).rules
    } catch {
      throw AscendError.wrapping(error, as: "rules.invalid", "The bundled rules cannot be read")
    }
  }

  func findings(_ facts: RuleFacts) -> [Diagnostic] {
    zip(rules, conditions).flatMap { $0.findings(facts, $1) }
  }

  /// What the rules find in the connector's answer: those that list something of `preflight`. The others have been held
  /// against the plan before it was asked.
  func findings(onPreflight answer: JSONValue) -> [Diagnostic] {
    let facts = RuleFacts(["preflight": answer])
    return zip(rules, conditions).filter { $0.0.each?.hasPrefix("preflight.") == true }.flatMap {
      $0.findings(facts, $1)
    }
  }
}
