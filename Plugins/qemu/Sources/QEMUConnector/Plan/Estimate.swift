import ConnectorProtocol

/// How long bringing a machine here takes. It costs nothing but space.
enum Estimate {
  /// Bytes a second that a disk is read and written with: between a slow and a fast one.
  static let rates = (slow: 60.0 * 1_048_576, fast: 500.0 * 1_048_576)

  static func make(_ plan: MachinePlan) -> PlanEstimate.Result {
    let known = plan.disks.allSatisfy { $0.allocatedBytes != nil }
    let bytes = plan.disks.reduce(0.0) { $0 + Double($1.allocatedBytes ?? $1.sizeBytes) }
    return PlanEstimate.Result(
      seconds: PlanEstimate.Range(low: 1 + bytes / rates.fast, high: 5 + bytes / rates.slow),
      confidence: known ? "medium" : "low")
  }
}
