import Support

/// A setting that a platform asks of its guests, beside drivers: a need's `settings` in the capability document.
enum GuestSetting: String, Sendable, Hashable, CaseIterable {
  /// The desktop can be reached over the network: where a platform has no console, nothing else can be.
  case remoteDesktop = "remote-desktop"
  /// The machine's clock runs in UTC.
  case clockUTC = "clock-utc"
  /// Disks that are new to Windows are used at once; servers leave those on a shared bus offline.
  case disksOnline = "disks-online"
  /// The network gives the address.
  case dhcp
  /// Windows' emergency console on the first serial port.
  case serialConsole = "serial-console"

  /// The edits of the SYSTEM hive.
  func edits(_ hive: some RegistryReading, controlSets: [String]) throws(AscendError) -> [RegistryEdit] {
    var edits: [RegistryEdit] = []
    for set in controlSets {
      switch self {
      case .clockUTC:
        edits.append(.set([set, "Control", "TimeZoneInformation"], "RealTimeIsUniversal", .dword(1)))
      case .disksOnline:
        // 1 is "online all".
        edits.append(.set([set, "Services", "partmgr", "Parameters"], "SanPolicy", .dword(1)))
      case .dhcp:
        edits += try Self.start(2, ["Dhcp"], hive, set)
      case .remoteDesktop:
        edits.append(.set([set, "Control", "Terminal Server"], "fDenyTSConnections", .dword(0)))
        edits += try Self.start(3, ["TermService"], hive, set)
        edits += try Self.zero([set, "Control", "Terminal Server", "WinStations", "RDP-Tcp"], "LanAdapter", hive)
        edits += try Self.firewall(hive, set)
      case .serialConsole:
        break
      }
    }
    return edits
  }

  /// The edits of the SOFTWARE hive.
  func softwareEdits(_ hive: some RegistryReading) throws(AscendError) -> [RegistryEdit] {
    guard self == .remoteDesktop else { return [] }
    // A policy would win over the setting.
    return try Self.zero(["Policies", "Microsoft", "Windows NT", "Terminal Services"], "fDenyTSConnections", hive)
  }

  /// The lines of the first start that belong to it.
  var firstBoot: [String] {
    switch self {
    case .remoteDesktop:
      // The group's name in Windows' own table, which is the same in every language.
      ["netsh advfirewall firewall set rule group=\"@FirewallAPI.dll,-28752\" new enable=Yes"]
    case .serialConsole:
      [
        "bcdedit /emssettings EMSPORT:1 EMSBAUDRATE:115200 || exit 1",
        "bcdedit /ems {current} on || exit 1",
      ]
    case .clockUTC, .disksOnline, .dhcp: []
    }
  }

  /// A service that was disabled is started again as Windows has it by default; any other stays as it is.
  private static func start(
    _ start: UInt32, _ services: [String], _ hive: some RegistryReading, _ set: String
  ) throws(AscendError) -> [RegistryEdit] {
    var edits: [RegistryEdit] = []
    for service in services {
      let key = [set, "Services", service]
      guard try hive.has(key), try hive.value(key, "Start")?.number == 4 else { continue }
      edits.append(.set(key, "Start", .dword(start)))
    }
    return edits
  }

  /// A number that is there and stands in the way. The remote desktop can be tied to one network interface by its
  /// place, which the new machine does not have.
  private static func zero(
    _ key: [String], _ name: String, _ hive: some RegistryReading
  ) throws(AscendError) -> [RegistryEdit] {
    guard let number = try hive.value(key, name)?.number, number != 0 else { return [] }
    return [.set(key, name, .dword(0))]
  }

  private static let firewallRules = [
    "RemoteDesktop-In-TCP", "RemoteDesktop-UserMode-In-TCP", "RemoteDesktop-UserMode-In-UDP",
    "RemoteDesktop-Shadow-In-TCP",
  ]

  private static func firewall(_ hive: some RegistryReading, _ set: String) throws(AscendError) -> [RegistryEdit] {
    let key = [set, "Services", "SharedAccess", "Parameters", "FirewallPolicy", "FirewallRules"]
    var edits: [RegistryEdit] = []
    for name in firewallRules {
      guard let text = try hive.value(key, name)?.text else { continue }
      let active = text.replacing("|Active=FALSE|", with: "|Active=TRUE|")
      if active != text { edits.append(.set(key, name, .string(active))) }
    }
    return edits
  }
}
