public import ConnectorProtocol
import Foundation
public import Guests
import Planning
public import Support

/// What came of a job: its steps with their times, what moved, what was made, and the evidence.
public struct JobReport: Codable, Sendable {
  public var job: RestoreJob
  public var backupName: String
  public var targetName: String
  public var steps: [Step]
  public var resources: [LedgerRecord]
  public var warnings: [String]
  /// What the checks of the machine saw.
  public var checks: [MachineVerify.CheckResult]
  /// What came of booting the prepared guest before it was sent.
  public var bootProof: BootProof?
  /// What the machine's disks and network interfaces are attached by now; nil before there is a plan.
  public var hardware: MachineHardware?

  public struct Step: Codable, Sendable {
    public var name: RestoreStep.Name
    public var status: RestoreStep.Status
    public var seconds: Double?
    public var error: String?
    public var metadata: JSONValue
  }

  public init(job: RestoreJob, store: Store) throws(AscendError) {
    self.job = job
    backupName = try store.backup(job.backupJobID).at(job.options.point).label
    // The target may have been removed since; the job remembers what it was.
    targetName = (try? store.target(job.targetID).name) ?? job.targetID
    let records = try store.steps(of: job.id)
    steps = records.map {
      Step(name: $0.stepName, status: $0.status, seconds: $0.seconds, error: $0.errorMessage, metadata: $0.metadata)
    }
    resources = try store.ledger(of: job.id)
    warnings = try store.events(of: job.id).filter { $0.level == .warning }.map(\.message)
    let verified = records.first { $0.stepName == .verify }?.metadata["results"]
    let prepared = records.first { $0.stepName == .prepare }?.metadata["bootProof"]
    bootProof = try? prepared?.decode(BootProof.self)
    hardware = job.presentHardware
    checks = (try? verified?.decode([MachineVerify.CheckResult].self)) ?? []
  }

  public var seconds: Double? {
    guard let started = job.startedAt, let completed = job.completedAt else { return nil }
    return completed.timeIntervalSince(started)
  }

  /// The report for a terminal.
  public var text: String {
    var lines = [
      "Restore \(job.id)",
      "  \(backupName) (\(job.sourcePlatform)) to \(targetName) (\(job.targetPlatform)): \(job.status.rawValue)"
        + (seconds.map { " in \(Format.duration(seconds: $0))" } ?? ""),
    ]
    if let name = job.targetVMName {
      lines.append("  machine   \(name)" + (job.targetVMID.map { " (\($0))" } ?? ""))
    }
    if let hardware { lines.append("  hardware  " + hardware.text + (moreHardware.map { "; \($0)" } ?? "")) }
    if let error = job.error { lines.append("  error     \(error.code.rawValue): \(error)") }
    lines.append("  steps")
    for step in steps {
      let time = step.seconds.map { Format.duration(seconds: $0) } ?? ""
      lines.append("    \(pad(step.name.rawValue, 10))\(pad(step.status.rawValue, 11))\(time)")
    }
    lines += transferLines + preparationLines + (bootProof.map { ["  boot proof"] + $0.text.map { "    " + $0 } } ?? [])
    if !checks.isEmpty {
      lines.append("  checks of the machine")
      for check in checks {
        let verdict = check.pass ? "passed" : check.inconclusive == true ? "unclear" : "failed"
        lines.append("    \(pad(check.kind, 12))\(pad(verdict, 9))\(check.detail)")
        if let evidence = check.evidence { lines.append("                         \(evidence)") }
      }
    }
    if !resources.isEmpty {
      lines.append("  made on the platform")
      for line in resources { lines.append("    \(line.kind) \(line.name): \(line.state.rawValue)") }
    }
    if !warnings.isEmpty {
      lines.append("  warnings")
      for warning in warnings { lines.append("    \(warning)") }
    }
    return lines.joined(separator: "\n")
  }

  /// What a machine that is there can have besides.
  private var moreHardware: String? {
    guard job.status == .completed else { return nil }
    if let made = job.plan?.hardware.devices, let now = job.hardware, now != made {
      return "made with \(made.text) (`ascend jobs promote --back` returns to it)"
    }
    guard let better = job.plan?.promotable else { return nil }
    return "can be moved to \(better.text) with `ascend jobs promote`"
  }

  private var transferLines: [String] {
    guard let disks = steps.first(where: { $0.name == .transfer })?.metadata["disks"]?.arrayValue else { return [] }
    return ["  disks"]
      + disks.flatMap { disk in
        let number = { (key: String) in disk[key]?.integerValue ?? 0 }
        let moved =
          "    disk \(number("index")): \(Format.bytes(number("bytesRead"))) read, "
          + "\(Format.bytes(number("bytesSent"))) sent, \(Format.bytes(number("bytesSkipped"))) of zeros skipped"
        let proof = try? disk["proof"]?.decode(DiskProof.self)
        return [moved] + (proof?.lines ?? []).map { "           " + $0 }
      }
  }

  private var preparationLines: [String] {
    let prepared = steps.first { $0.name == .prepare }?.metadata["preparation"]
    guard let report = try? prepared?.decode(PreparationReport.self), !report.summary.isEmpty else { return [] }
    return ["  guest"] + report.summary.map { "    " + $0 }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
  }
}
