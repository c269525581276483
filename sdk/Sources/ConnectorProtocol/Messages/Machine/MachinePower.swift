/// `machine/power`: `on`, `off` (at once), or `stop` (asking the guest, then at once).
public struct MachinePower: MutatingRequest {
  public static let method = "machine/power"

  public var op: Operation
  public var job: JobID
  public var machine: MachineReference
  public var state: PowerState

  public init(op: Operation, job: JobID, machine: MachineReference, state: PowerState) {
    self.op = op
    self.job = job
    self.machine = machine
    self.state = state
  }

  public struct Result: Codable, Hashable, Sendable {
    public var state: PowerState

    public init(state: PowerState) {
      self.state = state
    }
  }
}

public struct PowerState: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let on: PowerState = "on"
  public static let off: PowerState = "off"
  public static let stop: PowerState = "stop"
}
