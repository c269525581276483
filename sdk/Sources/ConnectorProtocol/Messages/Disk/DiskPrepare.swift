/// `disk/prepare`: make or reserve the disk on the platform, and say how its bytes are wanted.
public struct DiskPrepare: MutatingRequest {
  public static let method = "disk/prepare"

  public var op: Operation
  public var job: JobID
  public var plan: PlanPreflight.Plan
  public var index: Int

  public init(op: Operation, job: JobID, plan: PlanPreflight.Plan, index: Int) {
    self.op = op
    self.job = job
    self.plan = plan
    self.index = index
  }

  public struct Result: Codable, Hashable, Sendable {
    /// The connector's handle of the disk, opaque to the host; never a secret.
    public var target: JSONValue
    public var ingest: Ingest

    public init(target: JSONValue, ingest: Ingest) {
      self.target = target
      self.ingest = ingest
    }
  }

  public struct Ingest: Codable, Hashable, Sendable {
    /// `nbd`, `file` or `http`: the access that the plan said.
    public var want: String
    public var requestBytes: Int?
    /// Connections that will read at once.
    public var parallel: Int?

    public init(want: String, requestBytes: Int? = nil, parallel: Int? = nil) {
      self.want = want
      self.requestBytes = requestBytes
      self.parallel = parallel
    }
  }
}
