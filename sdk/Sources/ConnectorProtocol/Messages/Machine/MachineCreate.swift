/// `machine/create`: make the machine around its disks, switched off.
public struct MachineCreate: MutatingRequest {
  public static let method = "machine/create"

  public var op: Operation
  public var job: JobID
  public var plan: PlanPreflight.Plan
  /// The `disk` that each `disk/receive` answered, by disk index.
  public var disks: [JSONValue]

  public init(op: Operation, job: JobID, plan: PlanPreflight.Plan, disks: [JSONValue]) {
    self.op = op
    self.job = job
    self.plan = plan
    self.disks = disks
  }

  public struct Result: Codable, Hashable, Sendable {
    public var machine: MachineReference

    public init(machine: MachineReference) {
      self.machine = machine
    }
  }
}

/// A machine on the platform.
public struct MachineReference: Codable, Hashable, Sendable {
  /// The platform's identifier.
  public var id: String
  public var name: String
  /// Where a person finds it: a path or URL.
  public var location: String?

  public init(id: String, name: String, location: String? = nil) {
    self.id = id
    self.name = name
    self.location = location
  }
}
