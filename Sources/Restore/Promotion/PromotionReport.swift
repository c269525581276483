public import ConnectorProtocol
import Planning

/// What came of giving a machine other hardware.
public struct PromotionReport: Codable, Sendable {
  public var job: String
  public var machine: MachineReference
  public var previous: MachineHardware
  public var hardware: MachineHardware
  /// False where the machine had this hardware already.
  public var changed: Bool
  /// True where it runs again.
  public var running: Bool
  /// What the checks of the machine saw, where it was started.
  public var checks: [MachineVerify.CheckResult]

  /// For a terminal.
  public var text: String {
    var lines = [
      "Machine \(machine.name): \(hardware.text)"
        + (changed ? " (before: \(previous.text))" : ", as before") + (running ? "" : "; it is switched off")
    ]
    for check in checks {
      let verdict = check.pass ? "passed" : check.isFailure ? "failed" : "could not tell"
      lines.append("  \(check.kind) \(verdict): \(check.detail)")
    }
    return lines.joined(separator: "\n")
  }
}
