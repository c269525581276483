/// `job/commit`: the restore is done. Temporary resources and the job's marks go; nothing is rolled back after it.
public struct JobCommit: MutatingRequest {
  public static let method = "job/commit"

  public var op: Operation
  public var job: JobID
  /// The ledger's resources that exist.
  public var resources: [Resource]

  public init(op: Operation, job: JobID, resources: [Resource]) {
    self.op = op
    self.job = job
    self.resources = resources
  }

  public struct Result: Codable, Hashable, Sendable {
    public var kept: [Resource]
    public var removed: [Resource]

    public init(kept: [Resource], removed: [Resource]) {
      self.kept = kept
      self.removed = removed
    }
  }
}
