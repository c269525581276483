public import ConnectorProtocol
import Support

/// Chooses the way of a disk's bytes from the backup to the connector, and explains the choice.
public struct ConversionPath: Sendable {
  public var accepts: [CapabilityDocument.DiskForm]
  /// A format that the operator insists on.
  public var diskFormat: String?
  /// An access that the operator insists on.
  public var diskAccess: String?
  public var throughput: Throughput

  public init(
    accepts: [CapabilityDocument.DiskForm], diskFormat: String? = nil, diskAccess: String? = nil,
    throughput: Throughput = .measured
  ) {
    self.accepts = accepts
    self.diskFormat = diskFormat
    self.diskAccess = diskAccess
    self.throughput = throughput
  }

  /// The cheapest path for `source`, where `freeBytes` can be written on this computer.
  public func choose(for source: PathSource, freeBytes: Int64) -> PathChoice {
    let candidates = PathGoal.all(of: accepts).map { Candidate(goal: $0, outcome: outcome($0, source, freeBytes)) }
    let best = Self.best(of: candidates.compactMap(\.found))
    let rejected = candidates.compactMap { candidate -> RejectedPath? in
      switch candidate.outcome {
      case .blocked(let reason): return RejectedPath(path: candidate.goal.description, reason: reason)
      case .found(_, let cost):
        guard let best, best.cost != cost else { return nil }
        return RejectedPath(path: candidate.goal.description, reason: Self.compare(cost, with: best))
      }
    }
    guard let best else { return PathChoice(rejected: rejected) }
    return PathChoice(
      format: best.goal.form.format, subformat: best.goal.form.subformat, access: best.goal.access,
      chosen: best.steps, cost: best.cost, rejected: rejected)
  }

  /// The size that a disk will have in the form that was chosen.
  public func effectiveSize(of source: PathSource, by choice: PathChoice) -> Int64 {
    guard let cost = choice.cost, accepts.indices.contains(cost.preference) else { return source.virtualSizeBytes }
    let goal = PathGoal(
      form: accepts[cost.preference], access: choice.access ?? "", preference: cost.preference,
      accessPreference: cost.accessPreference)
    return goal.effectiveSize(of: source.virtualSizeBytes) ?? source.virtualSizeBytes
  }

  /// The same choice limited to one form, to see what a common one would cost.
  func limited(to preference: Int) -> ConversionPath {
    var limited = self
    for index in accepts.indices where index != preference { limited.accepts[index].access = [] }
    return limited
  }

  private struct Found {
    var goal: PathGoal
    var steps: [PathStep]
    var cost: PathCost
  }

  private struct Candidate {
    var goal: PathGoal
    var outcome: PathSearch.Outcome

    var found: Found? {
      guard case .found(let steps, let cost) = outcome else { return nil }
      return Found(goal: goal, steps: steps, cost: cost)
    }
  }

  private func outcome(_ goal: PathGoal, _ source: PathSource, _ freeBytes: Int64) -> PathSearch.Outcome {
    if let reason = goal.refusal(of: source, diskFormat: diskFormat, diskAccess: diskAccess) { return .blocked(reason) }
    guard let size = goal.effectiveSize(of: source.virtualSizeBytes) else { return .blocked("the disk is too large") }
    let graph = PathGraph(source: source, goal: goal, size: size, freeBytes: freeBytes, throughput: throughput)
    return PathSearch(graph: graph).run()
  }

  /// The cheapest; but where others cost hardly more, the one that the connector prefers: estimates are no finer.
  private static func best(of found: [Found]) -> Found? {
    guard let least = found.map(\.cost).min() else { return nil }
    return found.filter { $0.cost.isHardlyMore(than: least) }
      .min { ($0.cost.preference, $0.cost.accessPreference) < ($1.cost.preference, $1.cost.accessPreference) }
  }

  private static func compare(_ cost: PathCost, with best: Found) -> String {
    let other = best.cost
    if other.isHardlyMore(than: cost), cost.isHardlyMore(than: other) {
      return "it costs about the same, and the connector prefers \(best.goal.description)"
    }
    if cost.bytesStaged != other.bytesStaged {
      return "it writes \(Format.bytes(cost.bytesStaged)) on this computer, the chosen path "
        + (other.bytesStaged == 0 ? "nothing" : Format.bytes(other.bytesStaged))
    }
    return "it takes \(Format.duration(seconds: cost.seconds)), the chosen path "
      + Format.duration(seconds: other.seconds)
  }
}
