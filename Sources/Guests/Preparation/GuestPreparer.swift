public import ConnectorProtocol
public import Logging
public import Support

/// Changes a machine's disks so that the guest starts on another platform.
public struct GuestPreparer: Sendable {
  private let appliance: ApplianceOptions
  private let logger: Logger

  public init(appliance: ApplianceOptions = .init(), logger: Logger = Logger(label: "ascend.guests")) {
    self.appliance = appliance
    self.logger = logger
  }

  /// Puts the drivers of `needs` where the guest finds them at its first start, and frees its configuration of names
  /// that depend on the old hardware. Doing it twice changes nothing the second time.
  ///
  /// - Parameters:
  ///   - disks: All disks of one machine, in its order: overlays that may be written to.
  ///   - needs: What the target asks for; needs of other guest families are passed over.
  ///   - recordedFirmware: What the backup says of the firmware; see `GuestInspector`.
  ///   - keys: Of encrypted volumes; they are closed again at the end.
  ///   - windows: Driver packages, addresses, scripts and installers for a Windows guest.
  ///   - linux: Addresses, scripts and packages for a Linux guest.
  ///   - progress: Told what is being done, in words for people.
  /// - Returns: A report with `prepared` false for a guest that is not known how to prepare; it is then unchanged.
  /// - Throws: When a guest that should be prepared cannot be. The overlays are then of no use.
  public func prepare(
    _ disks: [GuestDisk], needs: [DriverNeed], recordedFirmware: FirmwareType? = nil, keys: [DiskKey] = [],
    windows: WindowsWish = WindowsWish(), linux: LinuxWish = LinuxWish(),
    progress: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> PreparationReport {
    // libguestfs lets a guest write to a read-only disk and forgets it afterwards.
    if let disk = disks.first(where: \.readOnly) {
      throw AscendError("guest.notWritable", "A disk to prepare is opened read-only", object: disk.path)
    }
    progress("starting the appliance")
    var options = appliance.opening(keys)
    // Programs of the guest run in there, for minutes where it is emulated.
    if linux.initramfs == .rebuild { options.totalLimit = max(options.totalLimit, .seconds(5400)) }
    let report = try await Appliance.with(disks, options: options, logger: logger) {
      guest throws(AscendError) in
      try Self.prepare(guest, needs, recordedFirmware, keys, windows, linux, progress)
    }
    logger.info(
      "guest preparation ended",
      metadata: ["prepared": "\(report.prepared)", "changed": "\(report.changed)", "reason": "\(report.reason ?? "-")"])
    return report
  }

  /// All of it but for the appliance, which is running with the machine's disks and has nothing mounted.
  static func prepare(
    _ guest: GuestfsHandle, _ needs: [DriverNeed], _ recordedFirmware: FirmwareType?, _ keys: [DiskKey],
    _ wish: WindowsWish, _ linuxWish: LinuxWish,
    _ progress: @escaping @Sendable (String) -> Void
  ) throws(AscendError) -> PreparationReport {
    progress("looking at the guest")
    let asked = DriverNeeds(needs, family: "linux", version: nil)
    let examination = GuestExamination(
      guest: guest, drivers: asked.all, keys: keys, recordedFirmware: recordedFirmware)
    let inspection = try examination.examine()
    let facts = inspection.facts
    guard facts.understood, let family = facts.family else {
      return PreparationReport(
        prepared: false, reason: facts.reason ?? "The guest was not recognised.", missing: asked.all, facts: facts)
    }
    if family == "windows" {
      return try WindowsPreparation(
        guest: guest, inspection: inspection, needs: needs, wish: wish, progress: progress
      ).run()
    }
    guard family == "linux" else {
      let missing = DriverNeeds(needs, family: family, version: facts.version)
      return PreparationReport(
        prepared: missing.all.isEmpty,
        reason: missing.all.isEmpty
          ? "Nothing was needed: the target asks for nothing of such a guest."
          : "Preparation of \(facts.productName ?? family) guests is not supported.",
        missing: missing.all, facts: facts)
    }
    if let swap = try guest.filesystems().first(where: { $0.value == "swsuspend" }) {
      throw AscendError(
        "guest.hibernated", "The guest was backed up while it was hibernated", object: swap.key,
        remedy: "Start and shut down the source machine and back it up again; a change now would damage its filesystems"
      )
    }
    let linux = DriverNeeds(needs, family: family, version: facts.version)
    guard LinuxPreparation.handles(inspection) else { return OtherLinux.report(inspection, linux) }
    // What cannot be mounted was noted by the examination already.
    _ = try LinuxMounts(guest: guest).mount(inspection.mounts, readOnly: false)
    return try LinuxPreparation(
      guest: guest, inspection: inspection, needs: linux, asked: LinuxNeeds(needs, version: facts.version),
      wish: linuxWish, progress: progress
    ).run()
  }
}
