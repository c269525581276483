import CGuestfs
import Foundation
import Logging
import Support

/// A running libguestfs appliance with one machine's disks: the sandbox in which guest filesystems are mounted.
///
/// All work happens on the actor's own thread, through `GuestfsHandle`.
actor Appliance {
  private let thread = ApplianceThread(name: "appliance")
  private let watchdog: ApplianceWatchdog
  private let directory: URL
  private var handle: GuestfsHandle?

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private init(directory: URL, watchdog: ApplianceWatchdog) {
    self.directory = directory
    self.watchdog = watchdog
  }

  /// Starts an appliance with `disks`, in their order, runs `body` in it, and stops it again.
  ///
  /// Waits for a free place first. Cancelling the task kills the appliance. When a disk is writable and the last
  /// writes fail, that is an error even though `body` succeeded.
  static func with<Result: Sendable>(
    _ disks: [GuestDisk], options: ApplianceOptions, logger: Logger,
    _ body: @Sendable (GuestfsHandle) throws(AscendError) -> Result
  ) async throws(AscendError) -> Result {
    try check(disks)
    guard await ApplianceGate.shared.enter(memoryMiB: options.memoryMiB, logger: logger) else {
      throw AscendError("cancelled", "The work on the guest was cancelled")
    }
    let outcome = await run(disks, options, logger, body)
    ApplianceGate.shared.leave(memoryMiB: options.memoryMiB)
    return try outcome.get()
  }

  private static func run<Value: Sendable>(
    _ disks: [GuestDisk], _ options: ApplianceOptions, _ logger: Logger,
    _ body: @Sendable (GuestfsHandle) throws(AscendError) -> Value
  ) async -> Result<Value, AscendError> {
    let directory = URL(fileURLWithPath: options.temporaryDirectory).appendingPathComponent(
      "ascend-guest-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      return .failure(
        AscendError(
          "guest.temporaryFile", "A private temporary folder could not be made", object: directory.path,
          cause: "\(error)", remedy: "Make space in the temporary folder, or name another one in TMPDIR"))
    }
    let watchdog = ApplianceWatchdog(directory: directory.path)
    let appliance = Appliance(directory: directory, watchdog: watchdog)
    let drives: [GuestDisk]
    do {
      drives = try await ApplianceDrives.prepare(disks, in: directory)
    } catch {
      removeDirectory(directory, logger)
      return .failure(error)
    }
    let hardware = options.acceleration == .automatic ? await Acceleration.shared.hardwareWorks(logger: logger) : false
    watchdog.start(launchLimit: options.launchLimit, totalLimit: options.totalLimit)
    let outcome: Result<Value, AscendError> = await withTaskCancellationHandler {
      await appliance.work(drives, options, emulated: !hardware, logger, body)
    } onCancel: {
      watchdog.cancel()
    }
    await appliance.close()
    watchdog.finish()
    removeDirectory(directory, logger)
    return outcome
  }

  private static func removeDirectory(_ directory: URL, _ logger: Logger) {
    do {
      try FileManager.default.removeItem(at: directory)
    } catch {
      logger.warning("a temporary folder could not be removed", metadata: ["path": "\(directory.path)"])
    }
  }

  private static func check(_ disks: [GuestDisk]) throws(AscendError) {
    guard !disks.isEmpty else { throw AscendError("guest.noDisks", "There is no disk to look at") }
    // A relative name could be read as a protocol, and libguestfs resolves it against a folder that may change.
    for disk in disks where !disk.path.hasPrefix("/") || disk.format.isEmpty {
      throw AscendError("guest.noDisks", "A disk needs an absolute path and a format", object: disk.path)
    }
  }

  private func work<Value: Sendable>(
    _ disks: [GuestDisk], _ options: ApplianceOptions, emulated: Bool, _ logger: Logger,
    _ body: @Sendable (GuestfsHandle) throws(AscendError) -> Value
  ) -> Result<Value, AscendError> {
    do {
      let handle = try GuestfsHandle(privateDirectory: directory, watchdog: watchdog)
      self.handle = handle
      try launch(handle, disks, options, emulated: emulated, logger)
      let value = try body(handle)
      if disks.contains(where: { !$0.readOnly }) {
        try handle.unmountAll()
        try handle.closeVolumes()
        // Write errors that the appliance's cache held back are reported only here.
        try handle.run("writing the last changes") { guestfs_shutdown($0) }
      }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  private func launch(
    _ handle: GuestfsHandle, _ disks: [GuestDisk], _ options: ApplianceOptions, emulated: Bool, _ logger: Logger
  ) throws(AscendError) {
    try handle.run("choosing the backend") { guestfs_set_backend($0, "direct") }
    if emulated {
      try handle.run("choosing emulation") { raw in
        "force_tcg".withCString { setting in
          var settings: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: setting), nil]
          return guestfs_set_backend_settings(raw, &settings)
        }
      }
    }
    try handle.run("setting the memory") { guestfs_set_memsize($0, Int32(clamping: options.memoryMiB)) }
    try handle.run("setting the processors") { guestfs_set_smp($0, Int32(clamping: max(1, options.processors))) }
    try handle.run("setting the temporary folder") { guestfs_set_tmpdir($0, self.directory.path) }
    // By this the watchdog finds the process: writable disks lie elsewhere, and nothing else of its command line is ours.
    try handle.run("naming the machine") { guestfs_config($0, "-name", BootMachine.quoted(self.directory.path)) }
    // A group of its own: an interrupt from the keyboard is ours to handle, not QEMU's.
    try handle.run("setting the process group") { guestfs_set_pgroup($0, 1) }
    for disk in disks {
      try handle.run("adding the disk", disk.path) {
        ascend_guestfs_add_drive($0, disk.path, disk.format)
      }
    }
    let start = ContinuousClock.now
    guard guestfs_launch(handle.raw) == 0 else {
      if let error = watchdog.error { throw error }
      throw AscendError(
        "guest.applianceFailed", "The appliance could not be started",
        cause: guestfs_last_error(handle.raw).map { String(cString: $0) },
        remedy: "Run libguestfs-test-tool on this computer; it names what is missing")
    }
    watchdog.launched()
    logger.debug(
      "appliance started",
      metadata: ["disks": "\(disks.count)", "emulated": "\(emulated)", "took": "\(ContinuousClock.now - start)"])
  }

  private func close() {
    handle = nil
    thread.stop()
  }
}
