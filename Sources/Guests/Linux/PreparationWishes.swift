/// What is to be done to a guest beside giving it drivers.
public struct PreparationWishes: Sendable, Hashable, Codable {
  public var nics: [NetworkWish]
  /// A serial port on which the platform reads the console: `ttyS0,115200`.
  public var serialConsole: String?
  /// Arguments for the kernel at every start.
  public var kernelArguments: [String]
  /// The platform's own guest agents, by the names of `agents.json`. Those of other platforms are switched off; nil
  /// leaves all as they are.
  public var agents: [String]?
  /// Scripts on this computer that are run in the guest's system, in the appliance.
  public var runScripts: [String]
  /// Scripts on this computer that the guest runs at its first start.
  public var firstBootScripts: [String]
  /// Packages on this computer, in the guest's own format, that it installs at its first start.
  public var packages: [String]

  public init(
    nics: [NetworkWish] = [], serialConsole: String? = nil, kernelArguments: [String] = [], agents: [String]? = nil,
    runScripts: [String] = [], firstBootScripts: [String] = [], packages: [String] = []
  ) {
    self.nics = nics
    self.serialConsole = serialConsole
    self.kernelArguments = kernelArguments
    self.agents = agents
    self.runScripts = runScripts
    self.firstBootScripts = firstBootScripts
    self.packages = packages
  }

  /// The console's arguments before the others; the screen keeps its messages.
  var allArguments: [String] {
    (serialConsole.map { ["console=tty0", "console=\($0)"] } ?? []) + kernelArguments
  }
}
