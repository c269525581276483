/// `machine/configure`: what could not be said, or was not known, when the machine was made.
public struct MachineConfigure: MutatingRequest {
  public static let method = "machine/configure"

  public var op: Operation
  public var job: JobID
  public var plan: PlanPreflight.Plan
  public var machine: MachineReference
  public var tags: [String: String]
  public var notes: String?

  public init(
    op: Operation, job: JobID, plan: PlanPreflight.Plan, machine: MachineReference, tags: [String: String] = [:],
    notes: String? = nil
  ) {
    self.op = op
    self.job = job
    self.plan = plan
    self.machine = machine
    self.tags = tags
    self.notes = notes
  }

  public struct Result: Codable, Hashable, Sendable {
    public var applied: [String]
    public var ignored: [Ignored]

    public init(applied: [String], ignored: [Ignored] = []) {
      self.applied = applied
      self.ignored = ignored
    }
  }

  public struct Ignored: Codable, Hashable, Sendable {
    public var what: String
    public var why: String

    public init(what: String, why: String) {
      self.what = what
      self.why = why
    }
  }
}
