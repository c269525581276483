public import ConnectorProtocol
import Support

/// A preflight rule: when it applies, how grave that is, why it matters and what to do. Data, not code.
///
/// In the texts, `{machine.cpuCount}` stands for a fact, `{machine.memoryBytes|bytes}` for one that is a size.
public struct Rule: Codable, Hashable, Sendable {
  /// A stable name, `cpu.tooMany`; a rule of the operator's with a bundled one's id replaces it.
  public var id: String
  public var severity: Diagnostic.Severity
  /// A list of facts: the rule is held against each of its items, which is then `item`.
  public var each: String?
  /// See `RuleExpression`.
  public var when: String
  public var summary: String
  public var why: String?
  /// Where in the request it is: a JSON Pointer.
  public var at: String?
  public var remedy: String?
  /// True for a bundled rule that the operator does not want.
  public var disabled: Bool?
  /// True for a bundled rule about what cannot be done at all: none of the operator's can take its place.
  public var fixed: Bool?

  public init(
    id: String, severity: Diagnostic.Severity, each: String? = nil, when: String, summary: String, why: String? = nil,
    at: String? = nil, remedy: String? = nil, disabled: Bool? = nil,
    fixed: Bool? = nil
  ) {
    self.id = id
    self.severity = severity
    self.each = each
    self.when = when
    self.summary = summary
    self.why = why
    self.at = at
    self.remedy = remedy
    self.disabled = disabled
    self.fixed = fixed
  }

  /// What the rule finds.
  func findings(_ facts: RuleFacts, _ condition: RuleExpression) -> [Diagnostic] {
    guard let each else { return condition.holds(facts) ? [diagnostic(facts)] : [] }
    return (facts[each].arrayValue ?? []).prefix(256).compactMap { item in
      let facts = facts.with(item)
      return condition.holds(facts) ? diagnostic(facts) : nil
    }
  }

  private func diagnostic(_ facts: RuleFacts) -> Diagnostic {
    Diagnostic(
      severity: severity, code: id, summary: facts.fill(summary), detail: why.map(facts.fill), at: at.map(facts.fill),
      action: remedy.map(facts.fill))
  }

  /// - Throws: `rules.invalid` with the rule's id.
  func check() throws(AscendError) -> RuleExpression {
    func invalid(_ why: String) -> AscendError {
      AscendError(
        "rules.invalid", "A preflight rule cannot be used", object: id.isEmpty ? "(no id)" : id, cause: why,
        remedy: "Mend the rule; docs/rules.md says how they are written")
    }
    guard id.wholeMatch(of: /[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+/) != nil else {
      throw invalid("its id is not of the form area.what")
    }
    guard [.blocker, .warning, .note].contains(severity) else {
      throw invalid("its severity is neither blocker, warning nor note")
    }
    guard !summary.isEmpty else { throw invalid("it has no summary") }
    let condition: RuleExpression
    do throws(RuleSyntaxError) {
      condition = try RuleExpression(when)
    } catch {
      throw invalid("its condition cannot be read: \(error.description)")
    }
    if let unknown = unknownName(condition) {
      throw AscendError(
        "rules.invalid", "A preflight rule cannot be used", object: id, cause: unknown.text,
        remedy: unknown.meant.map { "Write \($0), if that is meant; docs/rules.md names all facts" }
          ?? "Mend the rule; docs/rules.md names all facts")
    }
    return condition
  }

  /// A name that stands for nothing makes a comparison false for ever: nobody would notice.
  private func unknownName(_ condition: RuleExpression) -> (text: String, meant: String?)? {
    let known = RuleVocabulary.standard
    if let each, let problem = known.problem(each: each) { return problem }
    let texts = [summary, why, at, remedy].compactMap(\.self).flatMap(RuleFacts.places)
    return (condition.facts + texts).lazy.compactMap { known.problem($0, each: each) }.first
  }
}
