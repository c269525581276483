import ConnectorProtocol

/// What carrying out a plan, and keeping the machine, costs in money and time.
enum Estimate {
  /// Bytes a second of all disks together: a busy line, and what one snapshot takes at most (1000 blocks a second).
  static let rates = (slow: 20.0 * 1_048_576, fast: 400.0 * 1_048_576)
  /// Snapshots complete, the image is registered, the instance starts: seconds.
  static let around = (low: 90.0, high: 900.0)
  static let hoursPerMonth = 730.0

  static func make(_ plan: MachinePlan) -> PlanEstimate.Result {
    let costs = plan.costs
    var items: [PlanEstimate.Item] = []
    if let hour = costs.instanceHour, let type = plan.instanceTypes.first {
      items.append(.init(what: "instance \(type)", unit: "hour", amount: cents(hour)))
      items.append(
        .init(what: "instance \(type), running all the time", unit: "month", amount: cents(hour * hoursPerMonth)))
    }
    items.append(.init(what: "volumes", unit: "month", amount: cents(costs.disksMonth)))
    items.append(.init(what: "volumes", unit: "hour", amount: cents(costs.disksMonth / hoursPerMonth)))
    if costs.snapshotsMonth > 0 {
      items.append(.init(what: "snapshots that are kept", unit: "month", amount: cents(costs.snapshotsMonth)))
    }
    let way = plan.delivery == .import ? "images in the bucket, for a day" : "blocks written by this restore"
    items.append(.init(what: way, unit: "once", amount: cents(costs.restoreOnce)))
    let sizes = plan.disks.map { Double($0.allocatedBytes ?? $0.sizeBytes) }
    let all = sizes.reduce(0, +)
    let known = plan.disks.allSatisfy { $0.allocatedBytes != nil }
    // VM Import reads, converts and writes once more what was sent.
    let turns = plan.delivery == .import ? 2.0 : 1
    return PlanEstimate.Result(
      currency: "USD", items: items,
      seconds: PlanEstimate.Range(
        low: around.low * turns + turns * all / rates.fast, high: around.high * turns + turns * all / rates.slow),
      confidence: !known || costs.instanceHour == nil ? "low" : costs.isLive ? "high" : "medium")
  }

  /// To a hundredth of a cent.
  private static func cents(_ amount: Double) -> Double { (amount * 10_000).rounded() / 10_000 }
}
