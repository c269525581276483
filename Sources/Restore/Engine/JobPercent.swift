/// A job's percentage from the step it is in: each step has the share of the whole that it usually takes.
enum JobPercent {
  private static func share(_ step: RestoreStep.Name) -> Double {
    switch step {
    case .validate: 5
    case .prepare: 20
    case .transfer: 45
    case .create: 2
    case .start: 3
    case .verify: 25
    }
  }

  /// - Parameter fraction: How much of the step is done, from 0 to 1.
  static func of(_ step: RestoreStep.Name, fraction: Double) -> Double {
    var before = 0.0
    for name in RestoreStep.Name.allCases {
      if name == step { break }
      before += share(name)
    }
    return before + share(step) * min(1, max(0, fraction))
  }
}
