/// A piece of the run that serves rules of several groups.
struct Scenario: Sendable {
  var groups: Set<String>
  /// True where its evidence serves rules that look at everything that was said.
  var isBasic = false
  var run: @Sendable (Bench) -> Void

  func isWanted(_ wanted: Set<String>?) -> Bool {
    guard let wanted else { return true }
    return isBasic || !groups.isDisjoint(with: wanted)
  }

  static let all: [Scenario] = [
    Scenario(groups: ["R1", "R5"], isBasic: true, run: ProcessRules.offline),
    Scenario(groups: ["R1"], run: ProcessRules.endings),
    Scenario(groups: ["R2"], run: FramingRules.run),
    Scenario(groups: ["R1", "R3"], run: LifecycleRules.run),
    Scenario(groups: ["R4", "R5"], run: VersionRules.run),
    Scenario(groups: ["R6"], isBasic: true, run: ConfigurationRules.run),
    Scenario(groups: ["R13"], run: ErrorRules.provoke),
    Scenario(groups: ["R7", "R4"], run: PreflightRules.run),
    Scenario(groups: ["R8", "R10", "R11"], run: RestoreRules.run),
    Scenario(groups: ["R3", "R8", "R9"], run: TransferRules.interrupted),
    Scenario(groups: ["R1", "R9"], run: TransferRules.killed),
    Scenario(groups: ["R9"], run: TransferRules.sourceLost),
    Scenario(groups: ["R9"], run: LimitRules.run),
    Scenario(groups: ["R10"], run: LedgerRules.run),
    Scenario(groups: ["R11"], run: CommitRules.run),
    Scenario(groups: ["R1", "R3", "R9", "R12", "R13"], isBasic: true, run: EvidenceRules.run),
  ]
}
