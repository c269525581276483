import ConnectorProtocol

/// How long bringing a machine there takes.
enum Estimate {
  /// Bytes a second of one disk's stream: between a host that is busy and one with a fast network.
  static let rates = (slow: 20.0 * 1_048_576, fast: 140.0 * 1_048_576)

  static func make(_ plan: MachinePlan) -> PlanEstimate.Result {
    let known = plan.disks.allSatisfy { $0.allocatedBytes != nil }
    // Flat files are sent with their zeros.
    let sizes = plan.disks.map {
      Double(plan.delivery == .datastore ? $0.sizeBytes : $0.allocatedBytes ?? $0.sizeBytes)
    }
    let longest = sizes.max() ?? 0
    let all = sizes.reduce(0, +)
    return PlanEstimate.Result(
      seconds: PlanEstimate.Range(low: 5 + longest / rates.fast, high: 20 + all / rates.slow),
      confidence: known ? "medium" : "low")
  }
}
