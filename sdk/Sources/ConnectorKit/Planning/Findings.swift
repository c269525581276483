public import ConnectorProtocol

/// What planning finds: things to tell, and where what will be made differs from what was asked for.
public struct Findings: Sendable {
  public var diagnostics: [Diagnostic] = []
  public var adjustments: [PlanPreflight.Adjustment] = []

  public init() {}

  public var isBlocked: Bool { diagnostics.contains { $0.severity == .blocker } }

  /// The machine cannot be made as it was asked for.
  ///
  /// - Parameters:
  ///   - code: A stable name, `disk.tooLarge`.
  ///   - at: JSON Pointer into the parameters of `plan/preflight`.
  ///   - action: What to do about it.
  public mutating func block(
    _ code: String, _ summary: String, at: String, action: String? = nil, detail: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(severity: .blocker, code: code, summary: summary, detail: detail, at: at, action: action))
  }

  /// It can be made, and a person should think about it before.
  public mutating func warn(_ code: String, _ summary: String, at: String? = nil, action: String? = nil) {
    diagnostics.append(Diagnostic(severity: .warning, code: code, summary: summary, at: at, action: action))
  }

  public mutating func note(_ code: String, _ summary: String, at: String? = nil) {
    diagnostics.append(Diagnostic(severity: .note, code: code, summary: summary, at: at))
  }

  /// The name cannot be the machine's: a blocker.
  ///
  /// - Parameters:
  ///   - nearest: One that can, to propose.
  ///   - rule: What a name is like.
  public mutating func refuse(name: String, nearest: String?, rule: String) {
    block(
      "name.invalid", "'\(name)' cannot be a machine's name here.", at: "/name",
      action: nearest.map { "Use '\($0)'." } ?? "Use letters, digits, '.', '_' and '-'.", detail: rule)
  }

  /// Something will be otherwise than it was asked for.
  public mutating func adjust(_ at: String, from: String, to: String, why: String) {
    adjustments.append(PlanPreflight.Adjustment(at: at, from: from, to: to, why: why))
  }
}
