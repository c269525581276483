/// What the operator and the mapping ask of a Linux guest beside what the platform needs.
public struct LinuxWish: Sendable, Hashable {
  public var nics: [NetworkWish]
  /// Scripts on this computer that are run in the guest's system, in the appliance.
  public var runScripts: [String]
  /// Scripts on this computer that the guest runs at its first start.
  public var firstBootScripts: [String]
  /// Packages on this computer, in the guest's own format, that it installs at its first start.
  public var packages: [String]
  public var initramfs: InitramfsMethod
  /// Remove other platforms' agents with the guest's package manager, and not only switch them off.
  public var removesAgents: Bool

  public init(
    nics: [NetworkWish] = [], runScripts: [String] = [], firstBootScripts: [String] = [], packages: [String] = [],
    initramfs: InitramfsMethod = .append, removesAgents: Bool = false
  ) {
    self.nics = nics
    self.runScripts = runScripts
    self.firstBootScripts = firstBootScripts
    self.packages = packages
    self.initramfs = initramfs
    self.removesAgents = removesAgents
  }
}
