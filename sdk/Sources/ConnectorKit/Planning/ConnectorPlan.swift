public import ConnectorProtocol

/// A connector's own plan of a machine: the `state` of `PlanPreflight.Plan`, which comes back with every later request,
/// to any process of this connector.
public protocol ConnectorPlan: Codable {
  associatedtype Disk: ConnectorPlanDisk

  /// `folder-plan/1`: a plan of another one is not carried out.
  static var currentSchema: String { get }
  var schema: String { get }
  var job: JobID { get }
  /// Those that the platform takes.
  var disks: [Disk] { get }
}

/// A disk in a connector's own plan.
public protocol ConnectorPlanDisk {
  var index: Int { get }
  /// What the disk will have on the platform, in bytes.
  var effectiveSizeBytes: Int64 { get }
}

extension ConnectorPlan {
  /// The answer to `plan/preflight`: the plan, and what it makes of each disk that was asked for.
  ///
  /// - Parameter resources: What would be made.
  public func result(
    for request: PlanPreflight, _ findings: Findings, resources: [Resource]
  ) throws -> PlanPreflight.Result {
    let state = try JSONValue.encoding(self)
    let digest = SHA256.hex(try CanonicalJSON.encode(state))
    let connector = Self.currentSchema.prefix { $0 != "-" }
    let verdicts = request.disks.map { disk in
      let accepted = disks.first { $0.index == disk.index }
      return PlanPreflight.DiskVerdict(
        index: disk.index, accepted: accepted != nil,
        effectiveSizeBytes: accepted?.effectiveSizeBytes ?? disk.sizeBytes,
        why: accepted == nil ? "see the diagnostics that point to this disk" : nil)
    }
    return PlanPreflight.Result(
      plan: PlanPreflight.Plan(id: "\(connector)-\(digest.prefix(16))", digest: digest, state: state), disks: verdicts,
      adjustments: findings.adjustments, resources: resources, diagnostics: findings.diagnostics)
  }

  /// Reads the plan that comes back with a request.
  ///
  /// - Throws: `planStale` where it is not one that this connector made, or for another job.
  public static func read(_ plan: PlanPreflight.Plan, job: JobID? = nil) throws -> Self {
    let digest = SHA256.hex(try CanonicalJSON.encode(plan.state))
    guard digest == plan.digest, let state = try? plan.state.decode(Self.self), state.schema == currentSchema else {
      throw stale("The plan is not one that this connector made.")
    }
    guard job == nil || job == state.job else { throw stale("The plan belongs to another job.") }
    return state
  }

  /// A plan that cannot be carried out, and why.
  public static func stale(_ why: String) -> ConnectorError {
    ConnectorError(.planStale, why, remedy: "Plan again.", outcome: .none)
  }

  /// - Throws: `invalidParams` where the plan has none.
  public func disk(_ index: Int) throws(ConnectorError) -> Disk {
    guard let disk = disks.first(where: { $0.index == index }) else {
      throw ConnectorError(
        .invalidParams, "The plan has no disk \(index).", remedy: "Use the indices of the plan's disks.",
        outcome: .none)
    }
    return disk
  }
}
