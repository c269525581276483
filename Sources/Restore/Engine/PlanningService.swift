import Backups
public import ConnectorProtocol
import Connectors
import Disks
import Foundation
public import Guests
public import Planning
public import Support

/// Makes plans for real: looks at the guest, asks the connector, and puts both into a `RestorePlan`.
public struct PlanningService: Sendable {
  let engine: RestoreEngine

  /// What restoring `backup` on `target` would do. Changes nothing anywhere.
  ///
  /// - Parameter notice: Told what is being waited for.
  public func plan(
    backup: BackupRecord, target: TargetRecord, options: RestoreOptions, notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> RestorePlan {
    let installation = try engine.connectors.find(target.platform)
    let job = JobID(TimeOrderedUUID.make())
    let folder = engine.state.path + "/plans/" + job.rawValue
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      return try await engine.withSession(
        target: target, installation: installation, workFolder: folder, events: LoggedEvents(logger: engine.logger)
      ) { session in
        try await plan(backup: backup, target: target, options: options, job: job, session: session, notice: notice)
      }
    } catch {
      throw RestoreEngine.hostError(error, target: target)
    }
  }

  /// The same within a session that is open already.
  func plan(
    backup: BackupRecord, target: TargetRecord, options: RestoreOptions, job: JobID, session: OpenSession,
    notice: @escaping @Sendable (String) -> Void
  ) async throws -> RestorePlan {
    let guest = try await guest(of: backup, options, notice)
    notice("planning")
    let inputs = try await inputs(
      backup, target: .init(name: target.name, platform: target.platform), document: session.document, options: options,
      guest: guest, drivers: try driverSources(options, guest))
    var draft = Planner.draft(inputs)
    draft.guest = guest
    draft.bootProof = try outlook(on: draft, inputs)
    // A plan that is blocked before anybody was asked cannot be asked about: it may have no path at all.
    guard !draft.isBlocked else { return draft }
    let request = Planner.preflight(for: draft, from: inputs, job: job)
    var plan = draft.merging(preflight: try await session.call(request), rules: inputs.rules)
    if let connectorPlan = plan.connectorPlan, session.document.methods.contains(PlanEstimate.method) {
      plan = plan.merging(estimate: try await session.call(PlanEstimate(plan: connectorPlan)))
    }
    return plan
  }

  /// A guest that nobody will change need not be looked at; what is known of it is used all the same.
  func guest(
    of backup: BackupRecord, _ options: RestoreOptions, _ notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> GuestFacts? {
    guard options.prepare == .auto else { return backup.guest }
    return try await guestFacts(of: backup, again: false, keys: options.keys ?? [], notice: notice)
  }

  /// All that a plan is made from.
  func inputs(
    _ backup: BackupRecord, target: RestorePlan.TargetReference, document: CapabilityDocument, options: RestoreOptions,
    guest: GuestFacts?, drivers: DriverIndex
  ) async throws(AscendError) -> PlannerInputs {
    PlannerInputs(
      backup: .init(id: backup.id, name: backup.label, platform: backup.sourcePlatform),
      target: target, machineName: options.name ?? backup.name, machine: backup.backup.machine, guest: guest,
      disks: try await disks(of: backup), document: document, mapping: options.mapping, preparation: options.prepare,
      unavailableDrivers: guest.map { DriverAvailability.missing(document.drivers, for: $0, sources: drivers) } ?? [],
      hardware: options.hardware ?? .preferred, freeStagingBytes: try DiskSpace.free(at: engine.state.path),
      rules: try RuleSet(adding: options.rules))
  }

  /// The operator's sources of drivers, read where the guest is one that they are for.
  func driverSources(_ options: RestoreOptions, _ guest: GuestFacts?) throws(AscendError) -> DriverIndex {
    guard options.prepare == .auto, guest?.family == "windows" else { return .empty }
    return try DriverIndex(options.drivers ?? [])
  }

  /// Whether the guest's start on the planned hardware can be proven here.
  func outlook(on plan: RestorePlan, _ inputs: PlannerInputs) throws(AscendError) -> RestorePlan.BootOutlook {
    let hardware = BootHardware(plan: plan, document: inputs.document, machine: inputs.machine)
    let obstacle = try BootProver.obstacle(hardware)
    return RestorePlan.BootOutlook(provable: obstacle == nil, reason: obstacle ?? hardware.description)
  }

  /// What is inside the guest: what was found before on the same disks, or what is found now, which is then kept.
  ///
  /// A guest that cannot be looked at gives facts that say so; only a backup that cannot be read is an error, or a key
  /// that does not fit. What only a key makes visible is looked at each time: it is not known again without one.
  ///
  /// - Parameter keys: Where the keys of encrypted disks are.
  public func guestFacts(
    of backup: BackupRecord, again: Bool, keys: [DiskKeyReference] = [], notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> GuestFacts {
    let drivers = drivers()
    let diskKeys = try engine.diskKeys(keys)
    func needsKey(_ facts: GuestFacts) -> Bool { !diskKeys.isEmpty && facts.encryption?.isEmpty == false }
    let names = InspectionKey.all(
      backup, fingerprint: try BackupFingerprint.of(backup.backup), drivers: drivers)
    if !again, let known = try engine.store.inspection(names), !needsKey(known) {
      if known != backup.guest { try engine.store.rememberGuest(known, of: backup.id, at: backup.point) }
      return known
    }
    if backup.backup.needsOffer {
      return try await engine.withDisks(of: backup) { try await guestFacts(of: $0, again: again, notice: notice) }
    }
    let folder = engine.state.path + "/inspections/" + TimeOrderedUUID.make()
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    notice("looking inside the guest")
    // An overlay carries the resolved chain, and takes whatever the appliance might write.
    var disks: [GuestDisk] = []
    for disk in backup.backup.disks {
      let path = "\(folder)/disk\(disk.index).qcow2"
      try await Overlay.create(at: path, over: disk.chain)
      disks.append(GuestDisk(path: path, format: "qcow2"))
    }
    let facts: GuestFacts
    var failure: AscendError?
    do {
      facts = try await GuestInspector(logger: engine.logger).inspect(
        disks, drivers: drivers, keys: diskKeys, recordedFirmware: backup.backup.machine.firmware.type
      ).facts
    } catch {
      if ["cancelled", "guest.wrongKey", "guest.volumeNotOpened"].contains(error.code) { throw error }
      failure = error
      facts = GuestFacts(understood: false, reason: error.description)
    }
    try engine.store.rememberGuest(facts, of: backup.id, at: backup.point)
    // A failure may be this computer's, and gone the next time.
    if failure == nil, !needsKey(facts) { try engine.store.rememberInspection(names, facts) }
    return facts
  }

  /// Every driver that some installed connector's guests need: what the inspection looks for.
  func drivers() -> [String] {
    let needs = engine.connectors.discover().installations.flatMap(\.document.drivers)
    return Set(needs.flatMap(\.need)).sorted()
  }

  private func disks(of backup: BackupRecord) async throws(AscendError) -> [PlannerInputs.Disk] {
    var disks: [PlannerInputs.Disk] = []
    for disk in backup.backup.disks {
      var allocated = disk.chain.allocatedBytes
      if allocated == nil { allocated = try await AllocationMap.allocatedBytes(of: disk.chain) }
      disks.append(
        PlannerInputs.Disk(
          index: disk.index, formats: disk.chain.layers.map(\.format.rawValue),
          virtualSizeBytes: disk.chain.virtualSizeBytes, allocatedBytes: allocated))
    }
    return disks
  }
}
