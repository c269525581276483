import CGuestfs
import Foundation
import Support

/// The changes of one preparation: planned whole, then made.
struct WindowsWork {
  private static let storedKey = ["Ascend", "FirstBoot"]

  let guest: GuestfsHandle
  let windows: WindowsGuest
  let index: DriverIndex
  var warnings: [String]
  var changes: [PreparationReport.FileChange] = []
  private var boot: [DriverPayload] = []
  private var later: [DriverPayload] = []
  private var edits = RegistryEdits()
  private var firstBoot = FirstBoot(steps: [])

  init(guest: GuestfsHandle, windows: WindowsGuest, index: DriverIndex, warnings: [String]) {
    self.guest = guest
    self.windows = windows
    self.index = index
    self.warnings = warnings
  }

  private var payloads: [DriverPayload] { boot + later }

  /// Reads the packages from their sources, and sees that there is room for them.
  ///
  /// - Parameter others: Bytes of other files that will be put into the guest.
  mutating func load(_ drivers: WindowsDrivers, besides others: Int64) throws(AscendError) {
    for match in drivers.injected {
      boot.append(try DriverPayload(match, index, windows.windows, startsWithKernel: true))
    }
    for match in drivers.packages {
      later.append(try DriverPayload(match, index, windows.windows, startsWithKernel: false))
    }
    warnings += payloads.flatMap(\.warnings)
    let bytes = payloads.reduce(others) { $0 + 2 * $1.bytes }
    try FreeSpace.require(bytes + 32 << 20, at: "/", guest)
  }

  mutating func plan(
    _ drivers: WindowsDrivers, extras: PlatformExtras, agents: [String: [UInt8]], scripts: [UserFiles.File],
    addresses: [AddressWish], platformDrivers: [String]
  ) throws(AscendError) {
    let settings = extras.settings
    let maker = BootDriverEdits(
      controlSets: windows.controlSets, hasDriverDatabase: windows.hasDriverDatabase,
      architecture: windows.windows.architecture)
    edits.system += boot.flatMap { maker.edits(for: BootDriver($0.match)) }
    for driver in drivers.enabled {
      edits.system += driver.controlSets.flatMap {
        maker.enabling(driver.service, in: $0, hasOverride: driver.overridden.contains($0))
      }
    }
    edits.system += drivers.inBox.flatMap { maker.criticalDevices($0) }
    try planSystem(settings, platformDrivers)
    try planSoftware(settings)
    if !payloads.isEmpty { try planDevicePath() }

    var steps = FirstBootSteps.drivers(payloads.map { ($0.folder, $0.match.driver.infName.lowercased()) })
    if let step = FirstBootSteps.addresses(addresses) { steps.append(step) }
    steps += FirstBootSteps.settings(settings) + FirstBootSteps.agents(agents)
    for tools in try foreignTools(platformDrivers) {
      if let program = tools.program { steps.append(FirstBootSteps.removal(program)) }
    }
    firstBoot.steps = steps + FirstBootSteps.scripts(scripts)
    guard !firstBoot.isEmpty else { return }
    try planCrashControl()
    edits = edits + firstBoot.edits(controlSets: windows.controlSets)
  }

  private mutating func planSystem(_ settings: [GuestSetting], _ platformDrivers: [String]) throws(AscendError) {
    let sets = windows.controlSets
    edits.system += try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
      var edits: [RegistryEdit] = []
      for setting in settings { edits += try setting.edits(hive, controlSets: sets) }
      for tools in try GuestTools.all() where tools.isForeign(to: platformDrivers) {
        edits += try tools.disabling(hive, controlSets: sets)
      }
      return edits
    }
  }

  private mutating func planSoftware(_ settings: [GuestSetting]) throws(AscendError) {
    edits.software += try RegistryHive.with(guest, windows.software) { hive throws(AscendError) in
      var edits: [RegistryEdit] = []
      for setting in settings { edits += try setting.softwareEdits(hive) }
      return edits
    }
  }

  private func foreignTools(_ platformDrivers: [String]) throws(AscendError) -> [GuestTools] {
    guard let current = windows.controlSets.first else { return [] }
    return try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
      var found: [GuestTools] = []
      for tools in try GuestTools.all() where tools.isForeign(to: platformDrivers) {
        if try hive.has([current, "Services", tools.service]) { found.append(tools) }
      }
      return found
    }
  }

  private mutating func planDevicePath() throws(AscendError) {
    let key = ["Microsoft", "Windows", "CurrentVersion"]
    let folders = payloads.map(\.devicePath)
    let value = try RegistryHive.with(guest, windows.software) { hive throws(AscendError) in
      try hive.value(key, "DevicePath")
    }
    edits.software.append(.set(key, "DevicePath", DriverPayload.devicePath(value, adding: folders)))
  }

  /// A machine that fails to start shall show why, and not restart at once; the first start that succeeds puts back
  /// what was set before, which is written down for that.
  private mutating func planCrashControl() throws(AscendError) {
    guard let current = windows.controlSets.first else { return }
    let key = [current, "Control", "CrashControl"]
    let stored = try RegistryHive.with(guest, windows.software) { hive throws(AscendError) in
      try hive.value(Self.storedKey, "AutoReboot")?.number
    }
    let now = try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
      try hive.value(key, "AutoReboot")?.number
    }
    let former = stored ?? now ?? 1
    guard former != 0 else { return }
    edits.system.append(.set(key, "AutoReboot", .dword(0)))
    edits.software.append(.set(Self.storedKey, "AutoReboot", .dword(former)))
    firstBoot.steps.append(FirstBootSteps.crashControl(former))
  }

  // MARK: Making them

  mutating func installFiles() throws(AscendError) {
    for payload in boot {
      let service = payload.match.service
      try install(payload.binary, "System32/drivers/\(service.binary)", from: index.describe(payload.match))
    }
    for payload in payloads {
      let folder = "\(DriverPayload.packages)/\(payload.folder)"
      try makeFolder(folder)
      for name in payload.files.keys.sorted() {
        guard let bytes = payload.files[name] else { continue }
        let parents = name.split(separator: "/").dropLast()
        if !parents.isEmpty { try makeFolder("\(folder)/\(parents.joined(separator: "/"))") }
        try install(bytes, "\(folder)/\(name)", from: index.describe(payload.match))
      }
    }
    try installFirstBoot()
  }

  private mutating func installFirstBoot() throws(AscendError) {
    let files = firstBoot.files
    guard !files.isEmpty else { return }
    for folder in ["", "/steps", "/files"] {
      try makeFolder(FirstBoot.folder + folder)
      try guest.restrictAccess(windows.path(FirstBoot.folder + folder))
    }
    for name in files.keys.sorted() {
      guard let bytes = files[name] else { continue }
      try install(bytes, name, from: nil)
      try guest.restrictAccess(windows.path(name))
    }
    // What an earlier first start counted says nothing of this one.
    for folder in [FirstBoot.attempts, FirstBoot.results] {
      let path = try windows.path("\(FirstBoot.folder)/\(folder)")
      guard try guest.exists(path) else { continue }
      try guest.run("removing", path) { guestfs_rm_rf($0, path) }
      changes.append(.init(path: path, before: "of an earlier first start"))
    }
    // A step of an earlier preparation that this one does not ask for.
    let steps = try windows.path("\(FirstBoot.folder)/steps")
    for name in try guest.list(steps) where files["\(FirstBoot.folder)/steps/\(name)"] == nil {
      try guest.removeFile("\(steps)/\(name)")
      changes.append(.init(path: "\(steps)/\(name)", before: "a step of an earlier preparation"))
    }
  }

  private func makeFolder(_ relative: String) throws(AscendError) {
    var made = ""
    for part in relative.split(separator: "/") {
      made += made.isEmpty ? "\(part)" : "/\(part)"
      try guest.makeFolder(windows.path(made))
    }
  }

  private mutating func install(_ bytes: [UInt8], _ relative: String, from source: String?) throws(AscendError) {
    let path = try windows.path(relative)
    let existed = try guest.exists(path)
    guard try guest.install(bytes, at: path) else { return }
    let what = "\(bytes.count) bytes" + (source.map { " of \($0)" } ?? "")
    changes.append(.init(path: path, before: existed ? "another version" : nil, after: what))
  }

  mutating func changeRegistry() throws(AscendError) {
    changes += try WindowsRegistry(guest: guest, windows: windows).apply(edits)
  }

  // MARK: Evidence

  /// What the guest has now, as it was read back.
  func evidence(_ drivers: WindowsDrivers) -> [PreparationReport.Driver] {
    boot.map { evidence($0, "starts with the kernel") } + later.map { evidence($0, "is installed at the first start") }
      + drivers.enabled.map {
        PreparationReport.Driver(
          name: $0.service, file: $0.file, state: "was installed, and starts with the kernel",
          controlSets: $0.controlSets)
      }
  }

  private func evidence(_ payload: DriverPayload, _ state: String) -> PreparationReport.Driver {
    let isBoot = boot.contains { $0.match == payload.match }
    return PreparationReport.Driver(
      name: payload.match.service.name, file: payload.match.service.binary, state: state,
      version: payload.match.driver.version.text, source: index.describe(payload.match),
      controlSets: isBoot ? windows.controlSets : [], devices: isBoot ? BootDriver(payload.match).devices : [])
  }
}
