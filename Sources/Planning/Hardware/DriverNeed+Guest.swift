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
}
