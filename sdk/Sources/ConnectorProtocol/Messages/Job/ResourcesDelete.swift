/// `resources/delete`: remove what the job made, in the order given. What is gone already counts as done.
public struct ResourcesDelete: MutatingRequest {
  public static let method = "resources/delete"

  public var op: Operation
  public var job: JobID
  public var resources: [Resource]

  public init(op: Operation, job: JobID, resources: [Resource]) {
    self.op = op
    self.job = job
    self.resources = resources
  }

  public struct Result: Codable, Hashable, Sendable {
    public var results: [Deletion]

    public init(results: [Deletion]) {
      self.results = results
    }
  }

  public struct Deletion: Codable, Hashable, Sendable {
    public var kind: String
    public var name: String
    public var state: State
    public var why: String?

    public init(kind: String, name: String, state: State, why: String? = nil) {
      self.kind = kind
      self.name = name
      self.state = state
      self.why = why
    }
  }

  /// `deleted` and `absent` are success; `blocked` waits for something else to go first; `foreign` is not ours (it
  /// bears no mark of the job) and is left alone.
  public struct State: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let deleted: State = "deleted"
    public static let absent: State = "absent"
    public static let blocked: State = "blocked"
    public static let foreign: State = "foreign"
    public static let failed: State = "failed"
  }
}
