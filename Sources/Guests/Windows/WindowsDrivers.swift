import Foundation
import Support

/// Which drivers a Windows has, gets, or cannot have.
struct WindowsDrivers {
  /// A driver that is installed already and shall start with the kernel.
  struct Enabled: Sendable, Hashable {
    var service: String
    var file: String
    /// The control sets that have it, and those in which something overrides its start.
    var controlSets: [String]
    var overridden: [String]
  }

  /// Needed before the system volume is there: from a source, or installed already.
  var injected: [DriverIndex.Match] = []
  var enabled: [Enabled] = []
  var inBox: [InBoxDriver] = []
  /// Needed later: packages for the first start.
  var packages: [DriverIndex.Match] = []
  /// Asked for, but neither in the guest nor in a source.
  var missing: [String] = []
  var missingLater: [String] = []

  /// Finds them for the needs.
  init(
    _ needs: DriverNeeds, windows: some WindowsReading, hive: some RegistryReading, index: DriverIndex
  ) throws(AscendError) {
    for name in needs.early {
      // What an update brought along later (stornvme on 7 and 2008 R2) is not taken before a source's.
      let known = InBoxDriver.named(name)
      let isPart = known?.isPart(of: windows.windows) == true
      let match = isPart ? nil : index.find(name, for: windows.windows)
      if let match {
        injected.append(match)
      } else if let own = try Self.installed(name, windows, hive) {
        try enable(own, known, windows, hive)
      } else if let match = index.find(name, for: windows.windows) {
        injected.append(match)
      } else {
        missing.append(name)
      }
    }
    for name in needs.late {
      if try Self.installed(name, windows, hive) != nil { continue }
      guard let match = index.find(name, for: windows.windows) else {
        missingLater.append(name)
        continue
      }
      if !(injected + packages).contains(where: { $0.path == match.path }) { packages.append(match) }
    }
  }

  private mutating func enable(
    _ own: Enabled, _ known: InBoxDriver?, _ windows: some WindowsReading, _ hive: some RegistryReading
  ) throws(AscendError) {
    add(own)
    guard let known else { return }
    if !inBox.contains(known) { inBox.append(known) }
    for name in known.companions {
      guard let companion = InBoxDriver.named(name), companion.isPart(of: windows.windows),
        let installed = try Self.installed(name, windows, hive)
      else { continue }
      add(installed)
      if !inBox.contains(companion) { inBox.append(companion) }
    }
  }

  private mutating func add(_ own: Enabled) {
    if !enabled.contains(where: { $0.service.caseInsensitiveCompare(own.service) == .orderedSame }) {
      enabled.append(own)
    }
  }

  /// A driver that the guest has: its service in the registry, and its file where that says. Newer packages leave it in
  /// the driver store.
  static func installed(
    _ name: String, _ windows: some WindowsReading, _ hive: some RegistryReading
  ) throws(AscendError) -> Enabled? {
    guard INFReader.isPlain(name), let current = windows.controlSets.first,
      try hive.has([current, "Services", name])
    else { return nil }
    let image = try hive.value([current, "Services", name], "ImagePath")?.text ?? ""
    // Without a path Windows looks there.
    let path =
      image.isEmpty ? "System32/drivers/\(name).sys" : ServiceImage.path(image, systemRoot: windows.systemRoot)
    guard let path, let file = path.split(separator: "/").last.map(String.init), try windows.hasFile(path) else {
      return nil
    }
    var own = Enabled(service: name, file: file, controlSets: [], overridden: [])
    for set in windows.controlSets where try hive.has([set, "Services", name]) {
      own.controlSets.append(set)
      if try hive.has([set, "Services", name, "StartOverride"]) { own.overridden.append(set) }
    }
    return own
  }

  /// Says what to supply.
  static func missing(_ names: [String], _ windows: WindowsTarget, index: DriverIndex) -> AscendError {
    let list = names.joined(separator: ", ")
    let others = names.filter { index.hasForOthers($0) }
    return AscendError(
      "guest.driverMissing",
      "\(windows.name) (\(windows.architecture.rawValue)) has no driver \(list), and no source of drivers has it",
      object: list,
      cause: others.isEmpty
        ? nil : "The sources have \(others.joined(separator: ", ")) for other releases or architectures only",
      remedy: "Name a folder or ISO image with the platform's drivers for \(windows.name) with --drivers, or choose a "
        + "controller in the mapping that Windows has a driver for")
  }
}
