import CGuestfs
import ConnectorProtocol
import Foundation
import Support

/// Prepares a Windows guest, 7 and 2008 R2 or later, in a running appliance with writable disks.
struct WindowsPreparation {
  let guest: GuestfsHandle
  let inspection: GuestInspection
  let needs: [DriverNeed]
  let wish: WindowsWish
  let progress: (String) -> Void

  /// Leaves nothing mounted.
  func run() throws(AscendError) -> PreparationReport {
    guard let root = inspection.root else {
      throw AscendError("guest.unsupported", "The guest's system volume was not found")
    }
    // What the operator gave is checked before the guest is touched.
    let files = try UserFiles(wish)
    progress("checking the guest's volume and registry")
    let (windows, warnings) = try open(root)
    let version = windows.windows.version
    let asked = DriverNeeds(needs, family: "windows", version: version)
    let extras = PlatformExtras(needs, version: version)
    var work = WindowsWork(guest: guest, windows: windows, index: wish.drivers, warnings: inspection.notes + warnings)
    work.warnings += extras.warnings

    let drivers = try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
      try WindowsDrivers(asked, windows: windows, hive: hive, index: wish.drivers)
    }
    guard drivers.missing.isEmpty else {
      throw WindowsDrivers.missing(drivers.missing, windows.windows, index: wish.drivers)
    }
    let addresses = AddressWish.all(
      wish.nics, interfaces: inspection.facts.interfaces ?? [], platformAssigns: extras.settings.contains(.dhcp))
    if let warning = addresses.warning { work.warnings.append(warning) }
    let agents = try agents(extras, windows, files, &work)
    let agentBytes = agents.values.reduce(0) { $0 + Int64($1.count) }
    try work.load(drivers, besides: agentBytes + files.scripts.reduce(0) { $0 + Int64($1.bytes.count) })
    try work.plan(
      drivers, extras: extras, agents: agents, scripts: files.scripts, addresses: addresses.wishes,
      platformDrivers: asked.all + wish.platformDrivers)
    progress("adding drivers")
    try work.installFiles()
    progress("changing the registry")
    try work.changeRegistry()
    try guest.run("writing to disk") { guestfs_sync($0) }
    try guest.unmountAll()
    if inspection.facts.firmware == .uefi {
      let loader = try WindowsLoader(guest: guest, architecture: windows.windows.architecture).install()
      work.changes += loader.changes
      work.warnings += loader.warnings
    }
    return report(work, drivers, windows)
  }

  /// Looks at the guest, refuses what must not be changed, and mounts the rest for writing.
  private func open(_ root: String) throws(AscendError) -> (WindowsGuest, [String]) {
    try guest.mount(root, at: "/", readOnly: true)
    let windows = try WindowsGuest(guest, root: root)
    guard windows.windows.isSupported else {
      throw AscendError(
        "guest.unsupported", "\(windows.windows.name) cannot be prepared: 7 and 2008 R2 are the first that can",
        object: windows.productName,
        remedy: "Restore it with --prepare never on hardware that it has drivers for (`controller` in --map)")
    }
    let checks = WindowsChecks(guest: guest, device: root)
    try checks.checkHibernation(windows)
    var warnings: [String] = []
    for hive in [try windows.system, try windows.software] {
      if let warning = try checks.hiveWarning(hive) { warnings.append(warning) }
    }
    let mark = "\(windows.systemRoot)/\(FirstBoot.folder)/volume-check"
    let isMarked = try guest.exists(mark)
    try guest.unmountAll()
    let openLog = try checks.checkVolume(isMarked: isMarked)
    try guest.mountWindows(root)
    try checks.checkWriting()
    if let openLog {
      warnings.append(openLog)
      try guest.makeFolder("\(windows.systemRoot)/\(FirstBoot.folder)")
      try guest.run("writing", mark) { guestfs_touch($0, mark) }
    }
    return (windows, warnings)
  }

  /// The platform's agents, from the sources of drivers, and what the operator gave.
  private func agents(
    _ extras: PlatformExtras, _ windows: WindowsGuest, _ files: UserFiles, _ work: inout WindowsWork
  ) throws(AscendError) -> [String: [UInt8]] {
    let given = Dictionary(
      files.installers.map { ($0.name.lowercased(), $0.bytes) }, uniquingKeysWith: { _, last in last })
    let names = Set(extras.installers(windows.windows.architecture)).subtracting(given.keys)
    let found = try wish.drivers.find(files: names)
    for name in names.subtracting(found.keys).sorted() {
      work.warnings.append("No source of drivers has \(name): the platform's agent is not installed.")
    }
    return found.merging(given) { _, given in given }
  }

  private func report(
    _ work: WindowsWork, _ drivers: WindowsDrivers, _ windows: WindowsGuest
  ) -> PreparationReport {
    var facts = inspection.facts
    facts.productName = windows.productName ?? facts.productName
    facts.version = windows.windows.version
    var report = PreparationReport(
      prepared: true, facts: facts, changes: work.changes,
      warnings: work.warnings
        + drivers.missingLater.map {
          "Neither the guest nor a source of drivers has \($0); the machine starts, but the device it drives will not "
            + "work."
        })
    report.drivers = work.evidence(drivers)
    if !report.changed { report.reason = "Nothing was needed: the guest already has all that was asked for." }
    return report
  }
}
