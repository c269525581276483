public import ConnectorProtocol
import Support

/// Makes plans. Nothing here reads a file, starts a process or reaches a platform: the same inputs give the same plan.
public enum Planner {
  /// The plan as far as the host can make it alone; the connector's preflight completes it.
  public static func draft(_ inputs: PlannerInputs) -> RestorePlan {
    let choice = HardwareChooser(
      HardwareQuestion(
        document: inputs.document, machine: inputs.machine, guest: inputs.guest, mapping: inputs.mapping,
        preparation: inputs.preparation, unavailableDrivers: inputs.unavailableDrivers, policy: inputs.hardware)
    ).choose()
    let preparation = preparation(inputs, needs: choice.needs)
    let disks = disks(inputs, isPrepared: preparation.planned)
    let size = size(inputs)
    let name = inputs.machineName ?? inputs.machine.name
    let facts = PlanFacts(
      inputs: inputs, name: name, cpuCount: size.cpuCount, memoryBytes: size.memoryBytes, choice: choice, disks: disks,
      preparation: preparation
    ).facts()
    var plan = RestorePlan(
      backup: inputs.backup, target: inputs.target, machineName: name, cpuCount: size.cpuCount,
      memoryBytes: size.memoryBytes, hardware: choice.hardware, disks: disks, preparation: preparation,
      adjustments: size.adjustments + disks.compactMap { resized($0) },
      diagnostics: inputs.rules.findings(facts).mostSevereFirst,
      estimate: Estimator(throughput: inputs.throughput).estimate(disks), mapping: inputs.mapping)
    plan.promotable = Promotable(choice.remarks)
    return plan
  }

  /// The question to the connector that goes with `plan`.
  public static func preflight(for plan: RestorePlan, from inputs: PlannerInputs, job: JobID) -> PlanPreflight {
    var machine = inputs.machine
    machine.cpu.count = plan.cpuCount
    machine.memoryBytes = plan.memoryBytes
    if plan.mapping.identity == "renew" { machine.forgetIdentity() }
    let disks = plan.disks.map { disk in
      PlanPreflight.PlannedDisk(
        index: disk.index, sizeBytes: disk.effectiveSizeBytes, allocatedBytes: disk.allocatedBytes,
        format: disk.path.format ?? "", subformat: disk.path.subformat, access: disk.path.access ?? "", boot: disk.boot)
    }
    return PlanPreflight(
      job: job, name: plan.machineName, machine: machine, guest: inputs.guest, disks: disks, hardware: plan.hardware,
      mapping: plan.mapping, options: .object(plan.mapping.options))
  }

  private static func preparation(_ inputs: PlannerInputs, needs: [DriverNeed]) -> RestorePlan.Preparation {
    let obstacle = inputs.guest.whyNotPreparable
    let planned = inputs.preparation == .auto && obstacle == nil
    let reason: String
    if planned {
      let names = needs.flatMap(\.need)
      reason =
        names.isEmpty
        ? "the platform names no drivers for this guest; its settings are adapted"
        : "the guest needs \(names.joined(separator: ", ")) there"
    } else if inputs.preparation == .never {
      reason = "it was asked for that the guest stays as it is"
    } else {
      reason = obstacle ?? "it can be changed and is not to be"
    }
    return RestorePlan.Preparation(mode: inputs.preparation, planned: planned, needs: needs, reason: reason)
  }

  private static func disks(_ inputs: PlannerInputs, isPrepared: Bool) -> [RestorePlan.PlannedDisk] {
    let path = ConversionPath(
      accepts: inputs.document.disks.accepts, diskFormat: inputs.mapping.diskFormat,
      diskAccess: inputs.mapping.diskAccess, throughput: inputs.throughput)
    let described = Dictionary(inputs.machine.disks.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    let boot = inputs.guest?.bootDisk ?? inputs.machine.disks.first { $0.boot }?.index ?? inputs.disks.first?.index
    let sources = inputs.disks.map { disk in
      PathSource(
        formats: disk.formats, virtualSizeBytes: disk.virtualSizeBytes, allocatedBytes: disk.allocatedBytes,
        needsPreparation: isPrepared && disk.index == boot)
    }
    let choices = MachinePaths(path: path, freeBytes: inputs.freeStagingBytes).choose(for: sources)
    return zip(inputs.disks, zip(sources, choices)).map { disk, pair in
      RestorePlan.PlannedDisk(
        index: disk.index, name: described[disk.index]?.name ?? "disk \(disk.index)",
        boot: described[disk.index]?.boot ?? (disk.index == boot), sizeBytes: disk.virtualSizeBytes,
        effectiveSizeBytes: path.effectiveSize(of: pair.0, by: pair.1), allocatedBytes: disk.allocatedBytes,
        path: pair.1)
    }
  }

  /// Processors and memory as they will be: the mapping's, else the backup's, in whole steps of the platform.
  private static func size(
    _ inputs: PlannerInputs
  ) -> (cpuCount: Int, memoryBytes: Int64, adjustments: [PlanPreflight.Adjustment]) {
    let cpuCount = max(1, inputs.mapping.cpuCount ?? inputs.machine.cpu.count)
    let asked = max(0, inputs.mapping.memoryBytes ?? inputs.machine.memoryBytes)
    let step = max(1, inputs.document.limits.memoryStepBytes ?? 1)
    let (padded, overflow) = asked.addingReportingOverflow(step - 1)
    let memory = overflow ? asked : padded / step * step
    guard memory != asked else { return (cpuCount, asked, []) }
    let adjustment = PlanPreflight.Adjustment(
      at: "/machine/memoryBytes", from: Format.bytes(asked), to: Format.bytes(memory),
      why: "memory there comes in steps of \(Format.bytes(step))")
    return (cpuCount, memory, [adjustment])
  }

  private static func resized(_ disk: RestorePlan.PlannedDisk) -> PlanPreflight.Adjustment? {
    guard disk.effectiveSizeBytes != disk.sizeBytes else { return nil }
    return PlanPreflight.Adjustment(
      at: "/disks/\(disk.index)/sizeBytes", from: String(disk.sizeBytes), to: String(disk.effectiveSizeBytes),
      why: disk.path.chosen.first { $0.edge == .pad }?.reason ?? "the platform rounds sizes")
  }
}

extension MachineDescription {
  /// Takes out what a machine is recognised by, so that no connector can keep it by mistake. What the source platform
  /// called it stays: that names the old machine, not the new one.
  fileprivate mutating func forgetIdentity() {
    identity.uuid = nil
    for index in nics.indices { nics[index].mac = nil }
  }
}
