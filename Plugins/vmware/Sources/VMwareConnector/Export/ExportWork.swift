import ConnectorKit
import ConnectorProtocol
import Foundation

/// Makes OVA files instead of machines: descriptor, manifest and compressed disks in one archive.
struct ExportWork: Sendable {
  var folder: ExportFolder
  var settings: Settings

  func check() -> SessionCheck.Result {
    guard !FileManager.default.isWritableFile(atPath: folder.path) else { return SessionCheck.Result(state: .ready) }
    let diagnostic = Diagnostic(
      severity: .blocker, code: "folder.notWritable",
      summary: "The folder \(folder.path) is not there, or this user may not write it.",
      action: "Make the folder, or choose another.")
    return SessionCheck.Result(state: .degraded, diagnostics: [diagnostic])
  }

  /// There is nothing on a server to map onto.
  func list(_ request: InventoryList) throws -> InventoryList.Result {
    let _: InventoryKind = try request.known()
    return try request.result([])
  }

  func noMachine(_ name: String) -> ConnectorError {
    ConnectorError(
      .capabilityMissing, "'\(name)' is a file: it cannot be started or looked at.",
      remedy: "Restore with --no-start, and import \(folder.path)/\(name).ova where the machine shall run.",
      outcome: .none)
  }

  // MARK: Planning

  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try request.job.checkPlain()
    var findings = Findings()
    Preflight.checkName(request.name, &findings)
    let hardware = HardwarePlan(request: request, settings: settings, options: ConfigOptions())
    let disks = hardware.disks(&findings) { _, _, _ in nil }
    let cpu = hardware.cpu(&findings)
    let plan = MachinePlan(
      job: request.job, name: request.name, delivery: .ova, exportFolder: folder.path,
      uuid: hardware.identity.uuid(request.machine.identity.uuid), guestID: hardware.guestID(&findings),
      hardwareVersion: hardware.version(disks, &findings), cpuCount: cpu.count, coresPerSocket: cpu.coresPerSocket,
      memoryBytes: hardware.memory(&findings), firmware: request.hardware.firmware,
      secureBoot: request.hardware.secureBoot, tpm: hardware.tpm, isWindows: hardware.isWindows, disks: disks,
      nics: hardware.nics(&findings) { wish, nic, _ in
        (
          wish ?? settings.places[.network] ?? request.machine.nics.first { $0.index == nic }?.network ?? "VM Network",
          .named
        )
      }, notes: request.machine.notes, tags: request.mapping.tags)
    hardware.checkFirmware(&findings)
    checkFolder(plan, &findings)
    Preflight.sayWhatFailureCosts(plan, &findings)
    return try plan.result(for: request, findings, resources: [ExportFolder.resource(plan)])
  }

  private func checkFolder(_ plan: MachinePlan, _ findings: inout Findings) {
    let files = FileManager.default
    guard files.isWritableFile(atPath: folder.path) else {
      return findings.block(
        "folder.notWritable", "The folder \(folder.path) is not there, or this user may not write it.", at: "/options",
        action: "Make the folder, or choose another.")
    }
    let archive = ExportArchive(folder: folder, plan: plan)
    if NameRule.accepts(plan.name), files.fileExists(atPath: folder.result(plan)), !archive.isComplete {
      findings.block(
        "nameTaken", "There is a file \(folder.result(plan)) already.", at: "/name", action: "Choose another name.")
    }
    let needed = plan.disks.reduce(Int64(0)) { sum, disk in
      let (next, overflow) = sum.addingReportingOverflow(disk.allocatedBytes ?? 0)
      return overflow ? .max : next
    }
    let free = (try? files.attributesOfFileSystem(forPath: folder.path))?[.systemFreeSize] as? Int64
    if let free, free < needed {
      findings.warn(
        "space.tight",
        "\(ByteSize.text(free)) are free in \(folder.path); the disks hold \(ByteSize.text(needed)) before compression, "
          + "and are there twice for a moment.", at: "/disks", action: "Free space there.")
    }
  }

  // MARK: Disks and archive

  func receive(
    _ plan: MachinePlan, _ disk: MachinePlan.Disk, _ request: DiskReceive, _ operation: OperationContext
  ) async throws -> DiskReceive.Result {
    let generation = request.source.generation
    let archive = ExportArchive(folder: folder, plan: plan)
    let receipt: Mark.Receipt
    if let known = archive.receipt(disk), known.generation == generation {
      try await operation.creating(ExportFolder.resource(plan)) { ((), remoteID: folder.result(plan)) }
      receipt = known
    } else {
      guard !archive.isComplete else {
        throw ConnectorError(
          .existsIncompatible, "\(folder.result(plan)) is complete: its disk \(disk.index) is not written again.",
          remedy: "Roll the job back to bring another disk there.", outcome: .none)
      }
      let stream = try await DiskStream.open(
        request, disk: disk,
        form: .streamOptimized(
          name: ExportFolder.diskName(plan, disk), adapter: disk.controller == .ide ? "ide" : "lsilogic"))
      receipt = try await operation.creating(ExportFolder.resource(plan)) {
        let receipt = try await archive.write(disk, stream, generation: generation) { now in
          operation.progress(
            phase: "receive", done: now.done, total: now.total, skipped: now.skipped, message: "disk \(disk.index)")
        }
        return (receipt, remoteID: folder.result(plan))
      }
    }
    return receipt.result(for: request)
  }

  func create(_ plan: MachinePlan, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let archive = ExportArchive(folder: folder, plan: plan)
    if !archive.isComplete {
      let total = plan.disks.compactMap { archive.receipt($0)?.sent }.reduce(0, +)
      try await archive.pack { done in
        operation.progress(phase: "create", done: done, total: total, message: "\(plan.name).ova")
      }
    }
    let path = folder.result(plan)
    return MachineCreate.Result(machine: MachineReference(id: path, name: plan.name, location: path))
  }

  /// What the descriptor says was fixed when it was written.
  func configure(_ plan: MachinePlan, _ request: MachineConfigure) throws -> MachineConfigure.Result {
    var ignored: [MachineConfigure.Ignored] = []
    if !request.tags.merging(plan.tags, uniquingKeysWith: { first, _ in first }).isEmpty {
      ignored.append(MachineConfigure.Ignored(what: "tags", why: "an OVA file has none"))
    }
    if request.notes != nil {
      ignored.append(MachineConfigure.Ignored(what: "notes", why: "the descriptor is written already"))
    }
    return MachineConfigure.Result(applied: [], ignored: ignored)
  }

  // MARK: The end of a job

  func find(_ job: JobID) throws -> ResourcesFind.Result {
    guard let name = ExportArchive.name(in: folder.work(job)) else { return ResourcesFind.Result(resources: []) }
    let resource = Resource(
      kind: Resources.export, name: name + ".ova", remoteID: "\(folder.path)/\(name).ova", parent: folder.path,
      details: ["folder": folder.path])
    return ResourcesFind.Result(resources: [resource])
  }

  func commit(_ request: JobCommit) throws -> JobCommit.Result {
    if NameRule.acceptsJob(request.job.rawValue) { try ExportArchive.remove(folder.work(request.job)) }
    return JobCommit.Result(
      kept: request.resources.filter { !$0.temporary }, removed: request.resources.filter(\.temporary))
  }

  func delete(_ resource: Resource, _ job: JobID) throws -> (ResourcesDelete.State, String?) {
    guard resource.kind == Resources.export, NameRule.acceptsJob(job.rawValue) else {
      return (.foreign, "this connector makes no resources of kind '\(resource.kind)' here")
    }
    let work = folder.work(job)
    guard let name = ExportArchive.name(in: work) else { return (.absent, nil) }
    guard resource.name == name + ".ova" else { return (.foreign, "this job makes '\(name).ova'") }
    if ExportArchive.isComplete(work) { try ExportArchive.remove("\(folder.path)/\(name).ova") }
    try ExportArchive.remove(work)
    return (.deleted, nil)
  }
}
