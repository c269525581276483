import ConnectorProtocol
import Support

/// What planning wants to know of a Windows beside its version and drivers. Its system volume must be mounted.
struct WindowsSurvey {
  private static let networkClass = "{4D36E972-E325-11CE-BFC1-08002BE10318}"

  let guest: GuestfsHandle
  let windows: WindowsGuest

  func complete(_ facts: inout GuestFacts) throws(AscendError) {
    facts.fastStartup = windows.fastStartup
    var safeguards: [String] = []
    (facts.edition, safeguards) = try RegistryHive.with(guest, windows.software) { hive throws(AscendError) in
      let policies = try !hive.children(SafeguardSurvey.history, limit: 1).isEmpty
      return (
        try hive.value(["Microsoft", "Windows NT", "CurrentVersion"], "EditionID")?.text,
        try SafeguardSurvey.policies(hive, hasGroupPolicies: policies)
      )
    }
    let set = windows.controlSets[0]
    (facts.agents, facts.interfaces) = try RegistryHive.with(guest, windows.system) { hive throws(AscendError) in
      safeguards += try SafeguardSurvey.antivirus(hive, controlSet: set)
      let agents = try AgentTable.bundled().installed(hive, controlSet: set).map(\.name)
      return (agents, try Self.interfaces(hive, set))
    }
    facts.safeguards = safeguards.isEmpty ? nil : safeguards
  }

  private static func interfaces(_ hive: RegistryHive, _ set: String) throws(AscendError) -> [GuestFacts.Interface] {
    let folder = [set, "Services", "Tcpip", "Parameters", "Interfaces"]
    var found: [GuestFacts.Interface] = []
    for id in try hive.children(folder, limit: 64) {
      // Interfaces without a connection are of hardware that was taken out long ago, or not for people.
      let name = try hive.value([set, "Control", "Network", networkClass, id, "Connection"], "Name")?.text
      guard let name else { continue }
      if let interface = try interface(hive, folder + [id], name: name) { found.append(interface) }
    }
    return found
  }

  static func interface(
    _ hive: some RegistryReading, _ key: [String], name: String
  ) throws(AscendError) -> GuestFacts.Interface? {
    let dhcp = try hive.value(key, "EnableDHCP")?.number
    func texts(_ value: String) throws(AscendError) -> [String] {
      (try hive.value(key, value)?.texts ?? []).filter { !$0.isEmpty && $0 != "0.0.0.0" }
    }
    let masks = try texts("SubnetMask")
    let addresses = try texts("IPAddress").enumerated().map { index, address in
      let length = masks.indices.contains(index) ? InterfaceText.prefixLength(masks[index]) : nil
      return length.map { "\(address)/\($0)" } ?? address
    }
    guard dhcp != nil || !addresses.isEmpty else { return nil }
    let servers = (try hive.value(key, "NameServer")?.text ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    return GuestFacts.Interface(
      name: String(name.prefix(200)), method: dhcp == 1 ? "dhcp" : "static", addresses: dhcp == 1 ? [] : addresses,
      gateway: dhcp == 1 ? nil : try texts("DefaultGateway").first, nameServers: servers, source: "registry")
  }
}
