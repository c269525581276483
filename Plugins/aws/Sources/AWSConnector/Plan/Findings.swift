import ConnectorProtocol

/// What planning finds: things to tell, and where what will be made differs from what was asked for.
struct Findings: Sendable {
  var diagnostics: [Diagnostic] = []
  var adjustments: [PlanPreflight.Adjustment] = []

  var isBlocked: Bool { diagnostics.contains { $0.severity == .blocker } }

  mutating func block(_ code: String, _ summary: String, at: String, action: String? = nil, detail: String? = nil) {
    diagnostics.append(
      Diagnostic(severity: .blocker, code: code, summary: summary, detail: detail, at: at, action: action))
  }

  mutating func warn(_ code: String, _ summary: String, at: String? = nil, action: String? = nil) {
    diagnostics.append(Diagnostic(severity: .warning, code: code, summary: summary, at: at, action: action))
  }

  mutating func note(_ code: String, _ summary: String, at: String? = nil) {
    diagnostics.append(Diagnostic(severity: .note, code: code, summary: summary, at: at))
  }

  mutating func adjust(_ at: String, from: String, to: String, why: String) {
    adjustments.append(PlanPreflight.Adjustment(at: at, from: from, to: to, why: why))
  }
}
