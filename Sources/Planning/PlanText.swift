import ConnectorProtocol
import Support

/// A plan as text for a terminal.
public enum PlanText {
  public static func render(_ plan: RestorePlan) -> String {
    var lines = heading(plan)
    lines += section("Disks", plan.disks.flatMap(disk))
    lines += section("Guest", guest(plan))
    if let outlook = plan.bootProof {
      lines += section(
        "Boot proof",
        [outlook.provable ? "can be had here, on \(outlook.reason)" : "not provable here: \(outlook.reason)"])
    }
    lines += section("Adjustments", plan.adjustments.map { "\($0.at): \($0.from) → \($0.to) (\($0.why))" })
    lines += section(
      "Will be created", plan.resources.map { "\($0.kind) \($0.name)" + ($0.temporary ? " (until the end)" : "") })
    lines += section("Estimate", estimate(plan.estimate))
    lines += section("Findings", plan.diagnostics.flatMap(diagnostic))
    lines += ["", plan.isBlocked ? "This plan is blocked: it cannot be carried out." : "This plan can be carried out."]
    return plain(lines)
  }

  /// The path of one disk, with those that were not taken.
  public static func render(_ path: PathChoice) -> String {
    plain(choice(path))
  }

  /// Names come from backups and connectors: none of them may steer the terminal.
  static func plain(_ lines: [String]) -> String {
    lines.map { line in
      String(
        String.UnicodeScalarView(
          line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }.joined(separator: "\n") + "\n"
  }

  private static func heading(_ plan: RestorePlan) -> [String] {
    let hardware = plan.hardware
    var boot = hardware.firmware.rawValue.uppercased()
    if hardware.secureBoot { boot += ", Secure Boot" }
    if hardware.tpm { boot += ", TPM" }
    let controllers = hardware.controllers.unique.map { $0.isEmpty ? "none" : $0 }.joined(separator: ", ")
    return [
      "Restore \(plan.backup.name) (\(plan.backup.platform)) to \(plan.target.name) (\(plan.target.platform))",
      "",
      "Machine    \(plan.machineName)",
      "Hardware   \(plan.cpuCount) CPU, \(Format.bytes(plan.memoryBytes)), \(boot), \(hardware.arch)",
      "Disks on   \(controllers)",
      "Network    \(hardware.nicModel ?? "none")",
    ]
  }

  private static func disk(_ disk: RestorePlan.PlannedDisk) -> [String] {
    let data = disk.allocatedBytes.map { "\(Format.bytes($0)) of data" } ?? "data not measured"
    let head = "\(disk.index)  \(disk.name)\(disk.boot ? ", boot" : "")  \(Format.bytes(disk.sizeBytes)), \(data)"
    return [head] + choice(disk.path).map { "   " + $0 }
  }

  private static func choice(_ path: PathChoice) -> [String] {
    var lines = [path.isPossible ? "as \(path.description)" : "no path"]
    for (index, step) in path.chosen.enumerated() {
      lines.append("  \(index + 1). \(step.what): \(step.reason)\(figures(step))")
    }
    if !path.rejected.isEmpty { lines.append("  not taken:") }
    return lines + path.rejected.map { "  - \($0.path): \($0.reason)" }
  }

  private static func figures(_ step: PathStep) -> String {
    var figures: [String] = []
    if step.bytesRead > 0 { figures.append("reads \(Format.bytes(step.bytesRead))") }
    if step.bytesStaged > 0 { figures.append("writes \(Format.bytes(step.bytesStaged)) here") }
    if step.seconds >= 1 { figures.append("about \(Format.duration(seconds: step.seconds))") }
    return figures.isEmpty ? "" : " [\(figures.joined(separator: ", "))]"
  }

  private static func guest(_ plan: RestorePlan) -> [String] {
    let head = (plan.preparation.planned ? "prepared: " : "not changed: ") + plan.preparation.reason
    return [plan.guest.map(system), head].compactMap(\.self)
      + plan.preparation.needs.map { need in
        need.need.joined(separator: ", ") + (need.initramfs ? " (before the root disk is mounted)" : "")
          + (need.controllers.map { " for \($0.joined(separator: ", "))" } ?? "")
      }
  }

  /// `Debian GNU/Linux 12 (bookworm), 1 kernel, grub2 with bios, lvm`
  private static func system(_ facts: GuestFacts) -> String {
    guard facts.understood else { return "not understood: \(facts.reason ?? "no reason is known")" }
    let version = [facts.distribution ?? facts.family, facts.version].compactMap(\.self).joined(separator: " ")
    var parts = [facts.productName ?? version]
    let kernels = facts.kernels.count
    if kernels > 0 { parts.append("\(kernels) kernel\(kernels == 1 ? "" : "s")") }
    let start = [facts.bootLoader, facts.firmware?.rawValue].compactMap(\.self).joined(separator: " with ")
    if !start.isEmpty { parts.append(start) }
    parts += (facts.volumeManagers ?? []) + (facts.encryption ?? [])
    if let agents = facts.agents, !agents.isEmpty { parts.append("has \(agents.joined(separator: ", "))") }
    return parts.joined(separator: ", ")
  }

  private static func estimate(_ estimate: RestorePlan.Estimate) -> [String] {
    var lines = [
      "time   \(Format.duration(seconds: estimate.secondsLow)) to \(Format.duration(seconds: estimate.secondsHigh))",
      "moved  \(Format.bytes(estimate.bytesToMove))",
      "space  \(Format.bytes(estimate.stagingBytes)) on this computer",
    ]
    for item in estimate.cost?.items ?? [] {
      lines.append("cost   \(item.what): \(item.amount) \(estimate.cost?.currency ?? "") (\(item.unit))")
    }
    return lines
  }

  private static func diagnostic(_ diagnostic: Diagnostic) -> [String] {
    var lines = ["\(diagnostic.severity): \(diagnostic.summary) [\(diagnostic.code)]"]
    if let detail = diagnostic.detail { lines += detail.split(separator: "\n").map { "  \($0)" } }
    if let action = diagnostic.action { lines.append("  \(action)") }
    return lines
  }

  private static func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["", title] + lines.map { "  " + $0 }
  }
}

extension [String] {
  /// Each once, in the order of their first place.
  fileprivate var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
