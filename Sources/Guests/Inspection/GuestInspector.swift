public import ConnectorProtocol
public import Logging
public import Support

/// Looks at a machine's disks without changing them.
public struct GuestInspector: Sendable {
  /// Raised whenever an inspection finds more than before, or something else: what was kept is then of no use.
  public static let version = 6

  private let appliance: ApplianceOptions
  private let logger: Logger

  public init(appliance: ApplianceOptions = .init(), logger: Logger = Logger(label: "ascend.guests")) {
    self.appliance = appliance
    self.logger = logger
  }

  /// Finds the operating system, its kernels and how the disks start, in one run of the appliance.
  ///
  /// - Parameters:
  ///   - disks: All disks of one machine, in its order. They are opened read-only whatever they say.
  ///   - drivers: Drivers to look for: modules in each kernel and its initramfs, services of Windows.
  ///   - keys: Of encrypted volumes, which are then looked into too.
  ///   - recordedFirmware: What the backup says of the firmware; it decides where the disks allow both kinds.
  /// - Throws: `guest.wrongKey` beside what the appliance says.
  /// - Returns: Facts even for a guest that is not understood; those say why.
  public func inspect(
    _ disks: [GuestDisk], drivers: [String], keys: [DiskKey] = [], recordedFirmware: FirmwareType? = nil
  ) async throws(AscendError) -> GuestInspection {
    let readOnly = disks.map { GuestDisk(path: $0.path, format: $0.format, readOnly: true) }
    return try await Appliance.with(readOnly, options: appliance.opening(keys), logger: logger) {
      guest throws(AscendError) in
      let examination = GuestExamination(
        guest: guest, drivers: drivers, keys: keys, recordedFirmware: recordedFirmware)
      return try examination.examine()
    }
  }
}
