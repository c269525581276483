import ConnectorProtocol

/// What a platform asks of a Windows guest beside drivers.
struct PlatformExtras: Sendable, Hashable {
  var settings: [GuestSetting] = []
  /// Names of installers, with `{arch}` or `{64}` where they differ by architecture.
  private var installerNames: [String] = []
  var warnings: [String] = []

  init(_ needs: [DriverNeed], version: String) {
    for need in needs where DriverNeeds.applies(need.when, family: "windows", version: version) {
      for name in need.settings ?? [] {
        guard let setting = GuestSetting(rawValue: name) else {
          warnings.append("The platform asks for the setting \(name), which is not known here.")
          continue
        }
        if !settings.contains(setting) { settings.append(setting) }
      }
      for name in need.installers ?? [] where !installerNames.contains(name) {
        guard name.lowercased().hasSuffix(".msi"), INFReader.isPlain(name) else {
          warnings.append("The platform names the installer \(name), which is of no kind that is known here.")
          continue
        }
        installerNames.append(name)
      }
    }
  }

  func installers(_ architecture: WindowsTarget.Architecture) -> [String] {
    let name =
      switch architecture {
      case .x86: "i386"
      case .amd64: "x86_64"
      case .arm64: "aarch64"
      }
    return installerNames.map {
      $0.lowercased().replacing("{arch}", with: name).replacing("{64}", with: architecture == .x86 ? "" : "64")
    }
  }
}
