import ConnectorProtocol

extension DriverNeed.Condition {
  /// True for a guest of this family and version; a guest of unknown version is taken to be meant.
  func matches(_ guest: GuestFacts) -> Bool {
    guard guest.family == family else { return false }
    guard let version = guest.version else { return true }
    if let min, VersionOrder.isBefore(version, min) { return false }
    if let below, !VersionOrder.isBefore(version, below) { return false }
    return true
  }
}

extension GuestFacts {
  /// True where every kernel finds all of `drivers` before it mounts its root disk.
  ///
  /// Systems without kernels of their own to list (Windows) never say so here.
  func hasAtBoot(_ drivers: [String]) -> Bool {
    guard !drivers.isEmpty else { return true }
    return !kernels.isEmpty
      && kernels.allSatisfy { kernel in
        let present = Set(kernel.drivers.map(Self.moduleName))
        return drivers.allSatisfy { present.contains(Self.moduleName($0)) }
      }
  }

  /// What each kernel that can start lacks of `names` altogether, by version. Nothing of a kernel whose modules are not
  /// known: only a module that was looked for and is not there is one that lacks.
  ///
  /// - Parameter byDefault: Ask only of a kernel that starts when nobody chooses, where that is known.
  func missingModules(_ names: [String], byDefault: Bool = false) -> [(kernel: String, modules: [String])] {
    kernels.compactMap { kernel in
      if byDefault, kernel.startsByDefault == false { return nil }
      // One that has lost its initramfs, and does not start by default.
      if kernel.startsByDefault == false, kernel.initramfs == nil || kernel.unreadable != nil { return nil }
      guard let modules = kernel.modules else { return nil }
      let known = Set((modules + kernel.drivers).map(Self.moduleName))
      let missing = names.filter { !known.contains(Self.moduleName($0)) }
      return missing.isEmpty ? nil : (kernel.version, missing)
    }
  }

  /// Linux takes `virtio-blk` and `virtio_blk` for the same module.
  static func moduleName(_ name: String) -> String { name.split(separator: "-").joined(separator: "_") }
}

extension [DriverNeed] {
  /// The needs of `guest` where its disks hang on `controllers`.
  func applying(to guest: GuestFacts, controllers: Set<String>) -> [DriverNeed] {
    filter { need in
      need.when.matches(guest) && (need.controllers.map { !controllers.isDisjoint(with: $0) } ?? true)
    }
  }

  /// The drivers that `guest` needs for network interfaces of this model.
  func network(_ model: String, _ guest: GuestFacts) -> [String] {
    filter { $0.nics?.contains(model) == true && $0.when.matches(guest) }.flatMap(\.need)
  }
}
