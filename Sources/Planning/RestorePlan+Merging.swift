public import ConnectorProtocol

extension RestorePlan {
  /// The plan with what the connector says to it, judged by those rules that look at its answer.
  public func merging(preflight: PlanPreflight.Result, rules: RuleSet = .standard) -> RestorePlan {
    var plan = self
    plan.connectorPlan = preflight.plan
    plan.adjustments += preflight.adjustments.filter { !adjustments.contains($0) }
    plan.resources = preflight.resources
    var refused: [JSONValue] = []
    var shrunk: [JSONValue] = []
    for verdict in preflight.disks {
      guard let place = plan.disks.firstIndex(where: { $0.index == verdict.index }) else { continue }
      plan.disks[place].verdict = verdict
      let index = JSONValue.integer(Int64(verdict.index))
      if !verdict.accepted {
        refused.append(["index": index, "why": verdict.why.map(JSONValue.string) ?? .null])
      } else if verdict.effectiveSizeBytes < plan.disks[place].sizeBytes {
        // A smaller size than the disk's would cut it off, and is not taken over.
        shrunk.append([
          "index": index, "effectiveSizeBytes": .integer(verdict.effectiveSizeBytes),
          "sizeBytes": .integer(plan.disks[place].sizeBytes),
        ])
      } else {
        plan.disks[place].effectiveSizeBytes = verdict.effectiveSizeBytes
      }
    }
    var found = diagnostics
    found += rules.findings(onPreflight: ["refusedDisks": .array(refused), "shrunkDisks": .array(shrunk)])
    found += preflight.diagnostics.filter { !found.contains($0) }
    plan.diagnostics = found.mostSevereFirst
    return plan
  }

  /// The plan with the connector's own estimate of money and time.
  public func merging(estimate result: PlanEstimate.Result) -> RestorePlan {
    var plan = self
    plan.estimate.cost = result
    if let seconds = result.seconds, seconds.low.isFinite, seconds.high.isFinite, seconds.low <= seconds.high {
      // The connector knows its own part; the work on this computer comes before it.
      let local = disks.reduce(0) { $0 + $1.path.chosen.filter { $0.edge != .serveNBD }.reduce(0) { $0 + $1.seconds } }
      plan.estimate.secondsLow = local + max(0, seconds.low)
      plan.estimate.secondsHigh = local + max(0, seconds.high)
    }
    return plan
  }
}

extension [Diagnostic] {
  /// Blockers, then warnings, then the rest; otherwise in the order in which they were found.
  var mostSevereFirst: [Diagnostic] {
    let order: [Diagnostic.Severity] = [.blocker, .warning]
    func rank(_ diagnostic: Diagnostic) -> Int { order.firstIndex(of: diagnostic.severity) ?? order.count }
    return enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }
}
