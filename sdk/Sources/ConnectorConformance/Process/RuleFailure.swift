/// A rule is broken: the text says what was expected and what came.
struct RuleFailure: Error {
  var text: String

  init(_ text: String) { self.text = text }
}

/// A rule cannot be checked here: the text says why.
struct RuleSkip: Error {
  var text: String

  init(_ text: String) { self.text = text }
}

/// Throws `RuleFailure` unless `condition` holds.
func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
  if !condition { throw RuleFailure(text()) }
}
