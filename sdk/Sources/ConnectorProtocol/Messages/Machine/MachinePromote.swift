/// `machine/promote`: gives a machine that is switched off other disk controllers and another model of network
/// interface, with the same disks, networks and MAC addresses.
///
/// For a machine that was made with emulated hardware, to be moved to something faster once its guest runs, and for the
/// way back. It is asked for after `job/commit` too. A machine that has this hardware already is left as it is.
public struct MachinePromote: MutatingRequest {
  public static let method = "machine/promote"
  public static let isMandatory = false

  public var op: Operation
  public var job: JobID
  /// The plan by which the machine was made.
  public var plan: PlanPreflight.Plan
  public var machine: MachineReference
  /// What the machine shall have.
  public var hardware: MachineHardware

  public init(
    op: Operation, job: JobID, plan: PlanPreflight.Plan, machine: MachineReference, hardware: MachineHardware
  ) {
    self.op = op
    self.job = job
    self.plan = plan
    self.machine = machine
    self.hardware = hardware
  }

  public struct Result: Codable, Hashable, Sendable {
    /// What the machine has now.
    public var hardware: MachineHardware
    /// What it had when the request came.
    public var previous: MachineHardware
    /// False where the two are the same.
    public var changed: Bool

    public init(hardware: MachineHardware, previous: MachineHardware) {
      self.hardware = hardware
      self.previous = previous
      changed = hardware != previous
    }
  }
}
