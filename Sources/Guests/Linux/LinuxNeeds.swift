import ConnectorProtocol

/// What a platform asks of a Linux guest beside drivers for its disks.
struct LinuxNeeds: Sendable, Hashable {
  /// Drivers of its network interfaces.
  var networkDrivers: [String] = []
  /// Agents that work with the platform, by the names of `agents.json`; nil where it says nothing of any.
  var agents: [String]?
  /// The platform reads a console on the first serial port.
  var readsSerial = false
  /// The network gives the address, and the platform the interface's hardware address.
  var assignsAddresses = false
  var warnings: [String] = []

  init(networkDrivers: [String] = [], agents: [String]? = nil, readsSerial: Bool = false) {
    self.networkDrivers = networkDrivers
    self.agents = agents
    self.readsSerial = readsSerial
  }

  init(_ needs: [DriverNeed], version: String?) {
    for need in needs where DriverNeeds.applies(need.when, family: "linux", version: version) {
      if need.nics != nil { networkDrivers = DriverLists.merged(networkDrivers, need.need) }
      if let names = need.installers { agents = DriverLists.merged(agents ?? [], names) }
      for setting in need.settings ?? [] {
        switch setting {
        case "serial-console": readsSerial = true
        case "dhcp": assignsAddresses = true
        // Of no meaning for Linux: it keeps its clock in UTC, takes its disks by its tables, and has SSH.
        case "clock-utc", "disks-online", "remote-desktop": break
        default: warnings.append("The platform asks for the setting \(setting), which is not known here.")
        }
      }
    }
  }

  static let serialPort = "ttyS0"

  /// For the kernel at every start: the screen keeps its messages.
  var kernelArguments: [String] { readsSerial ? ["console=tty0", "console=\(Self.serialPort),115200"] : [] }

  /// The interfaces as the guest's configuration must take them.
  func adapted(_ nics: [NetworkWish]) -> [NetworkWish] {
    guard assignsAddresses else { return nics }
    return nics.map { nic in
      var nic = nic
      nic.newMAC = nil
      if nic.addressing == .keep { nic.addressing = .dhcp }
      return nic
    }
  }
}
