public import ConnectorProtocol

extension RestorePlan {
  /// The plan with what the connector says to it.
  public func merging(preflight: PlanPreflight.Result) -> RestorePlan {
    var plan = self
    plan.connectorPlan = preflight.plan
    plan.adjustments += preflight.adjustments.filter { !adjustments.contains($0) }
    plan.resources = preflight.resources
    var found = diagnostics
    for verdict in preflight.disks {
      guard let place = plan.disks.firstIndex(where: { $0.index == verdict.index }) else { continue }
      plan.disks[place].verdict = verdict
      if verdict.accepted {
        found += plan.disks[place].accept(verdict).map { [$0] } ?? []
      } else {
        found.append(Self.refused(verdict))
      }
    }
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

  private static func refused(_ verdict: PlanPreflight.DiskVerdict) -> Diagnostic {
    Diagnostic(
      severity: .blocker, code: "disk.refused", summary: "The connector refuses disk \(verdict.index)",
      detail: verdict.why, at: "/disks/\(verdict.index)", action: "Choose another target or another form in the mapping"
    )
  }
}

extension RestorePlan.PlannedDisk {
  /// Takes over the connector's size; a smaller one than the disk's would cut it off.
  fileprivate mutating func accept(_ verdict: PlanPreflight.DiskVerdict) -> Diagnostic? {
    guard verdict.effectiveSizeBytes >= sizeBytes else {
      return Diagnostic(
        severity: .blocker, code: "disk.shrunk", summary: "The connector would make disk \(index) smaller than it is",
        detail: "\(verdict.effectiveSizeBytes) bytes, of \(sizeBytes)", at: "/disks/\(index)",
        action: "Report it to the connector's vendor")
    }
    effectiveSizeBytes = verdict.effectiveSizeBytes
    return nil
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
