/// What the operator and the mapping ask of a Windows guest beside what the platform needs.
public struct WindowsWish: Sendable {
  public var drivers: DriverIndex
  /// What each network interface was and will be.
  public var nics: [NetworkWish]
  /// Every driver that the platform's document names, for whatever hardware: software of a guest that has one of them
  /// belongs there.
  public var platformDrivers: [String]
  /// Scripts on this computer to run in the guest's system before it moves, which is refused: Windows does not run here.
  public var runScripts: [String]
  /// Scripts on this computer that Windows runs at its first start: `.ps1`, `.cmd`, `.bat`.
  public var firstBootScripts: [String]
  /// Installers on this computer (`.msi`) that Windows runs at its first start.
  public var packages: [String]

  public init(
    drivers: DriverIndex = .empty, nics: [NetworkWish] = [], platformDrivers: [String] = [],
    runScripts: [String] = [], firstBootScripts: [String] = [], packages: [String] = []
  ) {
    self.drivers = drivers
    self.nics = nics
    self.platformDrivers = platformDrivers
    self.runScripts = runScripts
    self.firstBootScripts = firstBootScripts
    self.packages = packages
  }
}
