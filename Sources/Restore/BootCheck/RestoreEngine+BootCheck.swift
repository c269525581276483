import Backups
import ConnectorProtocol
import Connectors
import Disks
import Foundation
public import Guests
import Planning
public import Support

extension RestoreEngine {
  /// Prepares a throw-away overlay of a backup for a platform, boots it on that platform's hardware, and forgets it.
  ///
  /// The hardware comes from the capability document of the installed connector; the platform itself is not reached.
  ///
  /// - Throws: `plan.blocked`, `backup.changed`, `connector.notFound`, `guest.notPrepared`, and what preparation says.
  public func bootCheck(
    backup: BackupRecord, platform: String, options: RestoreOptions, limits: BootLimits? = nil,
    notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> BootCheckReport {
    if backup.backup.needsOffer {
      return try await withDisks(of: backup) {
        try await bootCheck(backup: $0, platform: platform, options: options, limits: limits, notice: notice)
      }
    }
    let document = try connectors.find(platform).document
    guard try BackupFingerprint.of(backup.backup) == backup.fingerprint else {
      throw AscendError(
        "backup.changed", "The backup's files have changed since it was added", object: backup.path,
        remedy: "Add it again with `ascend backups add \(backup.path)`")
    }
    let guest =
      options.prepare == .auto
      ? try await planning.guestFacts(of: backup, again: false, keys: options.keys ?? [], notice: notice) : backup.guest
    let inputs = try await planning.inputs(
      backup, target: .init(name: platform, platform: platform), document: document, options: options, guest: guest,
      drivers: try planning.driverSources(options, guest))
    let plan = Planner.draft(inputs)
    guard !plan.isBlocked else { throw PlanBlocked(plan: plan).error }

    let folder = state.path + "/boot-checks/" + TimeOrderedUUID.make()
    let evidence = folder + "/evidence"
    try StateDirectory.makePrivate(evidence)
    // Overlays hold the guest's data; the evidence stays.
    defer { try? JobFolder(path: folder).removeImages() }
    let hardware = BootHardware(plan: plan, document: document, machine: backup.backup.machine)
    var report = BootCheckReport(
      backup: backup.label, platform: platform, unprepared: plan.preparation.planned ? nil : plan.preparation.reason,
      proof: .untried(hardware))
    if let obstacle = try BootProver.obstacle(hardware) {
      report.proof.reason = obstacle
      return report
    }
    var disks: [GuestDisk] = []
    for disk in backup.backup.disks {
      let path = "\(folder)/disk\(disk.index).overlay.qcow2"
      try await Overlay.create(at: path, over: disk.chain)
      disks.append(GuestDisk(path: path, format: "qcow2", readOnly: false))
    }
    let keys = try diskKeys(options)
    if plan.preparation.planned {
      let prepared = try await GuestPreparer(logger: logger).prepare(
        disks, needs: plan.preparation.needs, recordedFirmware: backup.backup.machine.firmware.type,
        keys: keys,
        windows: WindowsWish(options, machine: backup.backup.machine, document: document),
        linux: LinuxWish(plan: plan, machine: backup.backup.machine, options: options), progress: notice)
      guard prepared.prepared else { throw Self.notPrepared(prepared, backup.name) }
      report.preparation = prepared
    }
    report.proof = try await BootProver(logger: logger).prove(
      disks.map { GuestDisk(path: $0.path, format: $0.format) }, on: hardware,
      needs: plan.preparation.needs.onBuses(of: document),
      keys: (report.preparation?.facts ?? backup.guest)?.typed(keys) ?? [], evidence: evidence, limits: limits,
      progress: notice)
    return report
  }

  static func notPrepared(_ report: PreparationReport, _ backup: String) -> AscendError {
    AscendError(
      "guest.notPrepared", "The guest could not be made ready for its new hardware", object: backup,
      cause: report.reason,
      remedy: "Take it as it is with --prepare never, on hardware that it has drivers for (`controller` in --map)")
  }
}
