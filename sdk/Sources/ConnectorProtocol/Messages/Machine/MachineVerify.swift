/// `machine/verify`: does the machine live? Evidence is a file in the connector's work folder, never bytes.
public struct MachineVerify: MutatingRequest {
  public static let method = "machine/verify"

  public var op: Operation
  public var job: JobID
  public var machine: MachineReference
  public var checks: [Check]
  /// How long the machine may take to pass them.
  public var timeoutMs: Int?

  public init(op: Operation, job: JobID, machine: MachineReference, checks: [Check], timeoutMs: Int? = nil) {
    self.op = op
    self.job = job
    self.machine = machine
    self.checks = checks
    self.timeoutMs = timeoutMs
  }

  /// A check of one of the capability document's `verify` kinds: `powered`, `bootlog`, `screenshot`, `ip`, `agent`,
  /// `port`.
  public struct Check: Codable, Hashable, Sendable {
    public var kind: String
    public var options: [String: JSONValue]?

    public init(kind: String, options: [String: JSONValue]? = nil) {
      self.kind = kind
      self.options = options
    }
  }

  public struct Result: Codable, Hashable, Sendable {
    public var results: [CheckResult]

    public init(results: [CheckResult]) {
      self.results = results
    }
  }

  public struct CheckResult: Codable, Hashable, Sendable {
    public var kind: String
    public var pass: Bool
    /// True where the check did not pass because there was nothing to judge by (a guest without a serial console, say):
    /// a doubt to report, not a failure.
    public var inconclusive: Bool?
    /// What was seen.
    public var detail: String
    /// Path of a file, absolute.
    public var evidence: String?

    public init(kind: String, pass: Bool, inconclusive: Bool? = nil, detail: String, evidence: String? = nil) {
      self.kind = kind
      self.pass = pass
      self.inconclusive = inconclusive
      self.detail = detail
      self.evidence = evidence
    }
  }
}
