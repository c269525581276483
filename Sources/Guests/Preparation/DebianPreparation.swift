import CGuestfs
import ConnectorProtocol
import Support

/// Prepares a Debian-family Linux guest (initramfs-tools) in a running appliance with writable disks.
struct DebianPreparation {
  let guest: GuestfsHandle
  let inspection: GuestInspection
  let needs: DriverNeeds
  let progress: (String) -> Void

  /// What makes a guest one of this family: the packages' format, and the tool that makes its initramfs.
  static func handles(_ guest: GuestfsHandle, _ inspection: GuestInspection) throws(AscendError) -> Bool {
    guard inspection.packageFormat == "deb", try guest.isDirectory("/etc/initramfs-tools") else { return false }
    return try guest.isFile("/usr/sbin/update-initramfs")
  }

  func run() throws(AscendError) -> PreparationReport {
    try checkModules()
    try FreeSpace.check(guest, mounts: inspection.mounts)
    try probeWriting()

    progress("checking the guest's configuration")
    let configuration = try GuestConfiguration(guest: guest)
    try configuration.rewrite()
    var kernels: [PreparationReport.Kernel] = []
    for kernel in inspection.kernels {
      try guest.checkpoint()
      let injection = InitramfsInjection(
        guest: guest, kernel: kernel, drivers: needs.early, resume: configuration.resume, progress: progress)
      kernels.append(try injection.run())
    }
    if kernels.contains(where: { !$0.added.isEmpty }) { try configuration.persist(persistent(kernels)) }
    let loader = try FallbackLoader(guest: guest, inspection: inspection).install()
    try guest.run("writing to disk") { guestfs_sync($0) }

    var report = PreparationReport(
      prepared: true, facts: inspection.facts, kernels: kernels, changes: configuration.changes + loader.changes,
      warnings: inspection.notes + configuration.warnings + loader.warnings + lateWarnings())
    report.facts.kernels = kernels.map { kernel in
      .init(
        version: kernel.version, initramfs: kernel.initramfs,
        drivers: needs.early.filter { kernel.inInitramfs.contains($0) || kernel.builtIn.contains($0) })
    }
    if !report.changed { report.reason = "Nothing was needed: the guest already has all that was asked for." }
    return report
  }

  /// The asked drivers, and the disk driver if it had to be added to any kernel beside them.
  private func persistent(_ kernels: [PreparationReport.Kernel]) -> [String] {
    let companions = kernels.contains { $0.added.contains("sd_mod") } ? ["sd_mod"] : []
    return needs.early + companions.filter { !needs.early.contains($0) }
  }

  /// Before anything is written: a kernel that cannot have a driver makes the whole attempt pointless.
  private func checkModules() throws(AscendError) {
    for kernel in inspection.kernels {
      let missing = needs.early.filter { !kernel.builtIn.contains($0) && !kernel.installed.contains($0) }
      guard missing.isEmpty else { throw InitramfsInjection.missing(missing, kernel) }
    }
  }

  private func lateWarnings() -> [String] {
    inspection.kernels.flatMap { kernel in
      needs.late.filter { !kernel.builtIn.contains($0) && !kernel.installed.contains($0) }.map {
        "Kernel \(kernel.version) has no module \($0); the machine starts, but the device it drives will not work."
      }
    }
  }

  /// A filesystem can be mounted for writing and still refuse it (hibernated or damaged): tried once before the work.
  private func probeWriting() throws(AscendError) {
    let path = "/.ascend-write-test"
    do throws(AscendError) {
      try guest.run("writing", path) { guestfs_touch($0, path) }
      try guest.removeFile(path)
    } catch {
      guard error.code == "guest.callFailed" else { throw error }
      throw AscendError(
        "guest.notWritable", "The guest's root filesystem cannot be written to", object: inspection.root,
        cause: error.cause,
        remedy: "Shut the source machine down cleanly, check its filesystem, and back it up again")
    }
  }
}
