import CGuestfs
import ConnectorProtocol
import Support

/// Prepares a Linux guest of any distribution in a running appliance with writable disks.
struct LinuxPreparation {
  let guest: GuestfsHandle
  var inspection: GuestInspection
  let needs: DriverNeeds
  let asked: LinuxNeeds
  let wish: LinuxWish
  let progress: (String) -> Void

  /// Whether there is something to put drivers into.
  static func handles(_ inspection: GuestInspection) -> Bool {
    inspection.facts.family == "linux" && !inspection.kernels.isEmpty
  }

  /// Prepares every kernel that can be; one that cannot and that does not start by default is left as it is.
  func run() throws(AscendError) -> PreparationReport {
    let kernels = try PreparedKernels(inspection.kernels, drivers: needs.early, tool: try InitramfsTool.find(guest))
    var preparation = self
    preparation.inspection.kernels = kernels.usable
    preparation.inspection.notes += kernels.warnings
    return try preparation.prepare()
  }

  private func prepare() throws(AscendError) -> PreparationReport {
    try checkModules()
    let packages = try GuestPackages(paths: wish.packages, format: inspection.packageFormat)
    try FreeSpace.check(guest, mounts: inspection.mounts, drivers: lacksDrivers)
    try probeWriting()

    progress("checking the guest's configuration")
    let writer = try GuestWriter(guest: guest)
    let names = try StableNames(guest: guest, hasLocked: inspection.facts.lockedVolumes != nil)
    let extras = try configure(writer, names)
    let kernels = try inject(extras, writer)
    try persist(kernels, writer)
    let loader = try FallbackLoader(guest: guest, inspection: inspection).install()
    if let agents = asked.agents {
      let removal =
        wish.removesAgents ? AgentRemoval(programs: programs, format: inspection.packageFormat) : nil
      try AgentSwitch(writer: writer, wanted: agents, packages: packages.names, removal: removal).run()
    }
    try LinuxFirstBoot(writer: writer).install(scripts: wish.firstBootScripts, packages: packages)
    let output = try OfflineScripts(writer: writer, programs: programs, progress: progress)
      .run(wish.runScripts)
    try writer.finish()
    try guest.run("writing to disk") { guestfs_sync($0) }

    var report = PreparationReport(
      prepared: true, facts: inspection.facts, kernels: kernels, changes: writer.changes + loader.changes,
      warnings: inspection.notes + asked.warnings + writer.warnings + loader.warnings + lateWarnings() + output)
    report.facts.kernels = kernels.map { kernel in
      .init(
        version: kernel.version, initramfs: kernel.initramfs,
        drivers: needs.early.filter { kernel.inInitramfs.contains($0) || kernel.builtIn.contains($0) })
    }
    if !report.changed { report.reason = "Nothing was needed: the guest already has all that was asked for." }
    return report
  }

  private func configure(_ writer: GuestWriter, _ names: StableNames) throws(AscendError) -> InitramfsExtras {
    var extras = InitramfsExtras(networkDrivers: asked.networkDrivers)
    extras.resume = try LinuxTables(writer: writer, names: names, root: inspection.root).rewrite()
    try LoaderRewrite(writer: writer, names: names, arguments: asked.kernelArguments).run()
    if asked.readsSerial { try SerialLogin(writer: writer, port: LinuxNeeds.serialPort).run() }
    try VolumeDevices(writer: writer).clear()
    extras.links = try NetworkAdaptation(
      writer: writer, wishes: asked.adapted(wish.nics), drivers: asked.networkDrivers,
      takesAddresses: !asked.assignsAddresses
    ).run()
    extras.rename = { text throws(AscendError) in
      let outcome = try DeviceNameRewrite.kernelParameters(text, on: { _ in true }) { name, type throws(AscendError) in
        try names.answer(name, type: type)
      }
      return outcome.text
    }
    return extras
  }

  /// Some kernel would not find its disk.
  private var lacksDrivers: Bool { inspection.kernels.contains { !needs.early.allSatisfy($0.startsWith) } }

  private var programs: GuestPrograms { GuestPrograms(guest: guest, architecture: inspection.facts.architecture) }

  private func inject(
    _ extras: InitramfsExtras, _ writer: GuestWriter
  ) throws(AscendError) -> [PreparationReport.Kernel] {
    let tool = try InitramfsTool.find(guest)
    let rebuilt = wish.initramfs == .rebuild ? try rebuild(tool, writer) : [:]
    var kernels: [PreparationReport.Kernel] = []
    for kernel in inspection.kernels {
      try guest.checkpoint()
      let injection = InitramfsInjection(
        guest: guest, kernel: kernel, drivers: needs.early, extras: extras, tool: tool, progress: progress)
      // What the guest's tool made is read back, and given what it still lacks, in the same way.
      var evidence = try injection.run()
      if case .rebuilt(let command, let original)? = rebuilt[kernel] {
        evidence.rebuiltBy = command
        evidence.original = original ?? evidence.original
      }
      kernels.append(evidence)
    }
    return kernels
  }

  /// Has the guest's tool make each initramfs that lacks a driver, from a configuration that has it.
  private func rebuild(
    _ tool: InitramfsTool?, _ writer: GuestWriter
  ) throws(AscendError) -> [InstalledKernel: InitramfsRebuild.Outcome] {
    guard lacksDrivers, let newest = inspection.kernels.last else { return [:] }
    let index = try KernelSurvey(guest: guest, drivers: []).moduleIndex(newest.version)
    let disk = ModuleName("sd_mod")
    let drivers = needs.early + (index.files[disk] != nil && !needs.early.contains("sd_mod") ? ["sd_mod"] : [])
    try PersistentDrivers(writer: writer, tool: tool, index: index).persist(drivers)
    let rebuild = InitramfsRebuild(
      writer: writer, programs: programs, tool: tool, root: inspection.root ?? "", drivers: needs.early,
      progress: progress)
    var outcomes: [InstalledKernel: InitramfsRebuild.Outcome] = [:]
    for kernel in inspection.kernels { outcomes[kernel] = try rebuild.run(kernel) }
    return outcomes
  }

  /// Only where something was added: what the guest's tool chose by itself, it chooses again.
  private func persist(_ kernels: [PreparationReport.Kernel], _ writer: GuestWriter) throws(AscendError) {
    guard kernels.contains(where: { !$0.added.isEmpty }), let newest = inspection.kernels.last else { return }
    let companions = kernels.contains { $0.added.contains("sd_mod") } ? ["sd_mod"] : []
    let index = try KernelSurvey(guest: guest, drivers: []).moduleIndex(newest.version)
    try PersistentDrivers(writer: writer, tool: try InitramfsTool.find(guest), index: index)
      .persist(DriverLists.merged(needs.early, companions))
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
