public import ConnectorProtocol

/// Which of the drivers that a platform's needs name can be had for a guest, before anything is prepared.
public enum DriverAvailability {
  /// The drivers that a Windows guest would need and that neither it nor `sources` has. None for other guests, whose
  /// drivers come with their kernels.
  public static func missing(_ needs: [DriverNeed], for guest: GuestFacts, sources: DriverIndex) -> Set<String> {
    guard guest.family == "windows", let windows = WindowsTarget(guest) else { return [] }
    let present = guest.drivers.map { Set($0.map { $0.lowercased() }) }
    var missing: Set<String> = []
    for need in needs where DriverNeeds.applies(need.when, family: "windows", version: guest.version) {
      for name in need.need {
        // A guest that was looked at before this was asked is taken to have what its release brings along.
        let isThere =
          present?.contains(name.lowercased()) ?? (InBoxDriver.named(name)?.isPart(of: windows) ?? false)
        if !isThere, sources.find(name, for: windows) == nil { missing.insert(name) }
      }
    }
    return missing
  }
}

extension WindowsTarget {
  init?(_ facts: GuestFacts) {
    let parts = (facts.version ?? "").split(separator: ".").compactMap { Int($0) }
    guard let major = parts.first, let architecture = Architecture(guest: facts.architecture) else { return nil }
    let name = facts.release ?? facts.productName ?? ""
    self.init(
      major: major, minor: parts.dropFirst().first ?? 0, build: facts.build ?? 0, isServer: name.contains("Server"),
      architecture: architecture)
  }
}
