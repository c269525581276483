import ConnectorProtocol

/// An interface as one file of a guest's network configuration describes it.
struct DescribedInterface {
  /// What is told of it.
  var facts: GuestFacts.Interface
  /// The file gives its name, and does not only tie it to a hardware address.
  var isNamed = true
  /// It may be an Ethernet card, and is no bridge, bond or the like.
  var isCard = true
  /// The key of its section, where that is not its name (netplan).
  var section: String?

  var named: NamedInterface {
    NamedInterface(
      name: isNamed ? facts.name : nil, mac: facts.mac.flatMap(NetworkWish.normalised), section: section,
      isStatic: facts.method == "static")
  }
}

/// The interfaces that one file of a guest's network configuration describes. Pure text; what is not understood is
/// passed over.
enum InterfaceText {
  static func interfaces(_ text: String, path: String) -> [GuestFacts.Interface] {
    guard let kind = NetworkFile.kind(of: path) else { return [] }
    let found = described(NetworkFile(path: path, kind: kind, text: text)).map(\.facts)
    return found.filter { $0.name != "lo" && $0.method != "loopback" }.prefix(64).map(bounded)
  }

  /// What says how an interface gets its addresses; files that only give names describe none.
  static func described(_ file: NetworkFile) -> [DescribedInterface] {
    let name = file.path.split(separator: "/").last.map(String.init) ?? ""
    return switch file.kind {
    case .ifupdown: IfupdownText.interfaces(file.text).map { DescribedInterface(facts: $0) }
    case .ifcfg: [IfcfgText.interface(file.text, file: name, source: "ifcfg")].compactMap(\.self)
    case .wicked: [IfcfgText.interface(file.text, file: name, source: "wicked")].compactMap(\.self)
    case .keyfile: [KeyfileText.connection(file.text)].compactMap(\.self)
    case .netplan: NetplanOutline.interfaces(file.text)
    case .network: [KeyfileText.network(file.text)].compactMap(\.self)
    case .link, .rules: []
    }
  }

  /// Guests may write anything of any length.
  private static func bounded(_ interface: GuestFacts.Interface) -> GuestFacts.Interface {
    func short(_ text: String) -> String { String(text.prefix(100)) }
    var interface = interface
    interface.name = short(interface.name)
    interface.method = interface.method.map(short)
    interface.addresses = interface.addresses.prefix(32).map(short)
    interface.mac = interface.mac.map { short($0.lowercased()) }
    interface.gateway = interface.gateway.map(short)
    interface.nameServers = interface.nameServers.flatMap { $0.isEmpty ? nil : $0.prefix(8).map(short) }
    return interface
  }

  /// `255.255.255.0` → 24; nil for what is no mask.
  static func prefixLength(_ mask: String) -> Int? {
    let bytes = mask.split(separator: ".").map { UInt8($0) }
    guard bytes.count == 4, bytes.allSatisfy({ $0 != nil }) else { return nil }
    let bits = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1 ?? 0) }
    let length = (~bits).leadingZeroBitCount
    return bits == (length == 0 ? 0 : ~UInt32(0) << (32 - UInt32(length))) ? length : nil
  }

  /// An address with the prefix that stands beside it, as a length or as a mask.
  static func address(_ address: String, prefix: String?) -> String {
    guard !address.contains("/"), let prefix else { return address }
    return (Int(prefix) ?? prefixLength(prefix)).map { "\(address)/\($0)" } ?? address
  }
}

/// `/etc/network/interfaces` and its parts (Debian, Alpine).
enum IfupdownText {
  static func interfaces(_ text: String) -> [GuestFacts.Interface] {
    var found: [GuestFacts.Interface] = []
    var masks: [Int: String] = [:]
    var inside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if first == "iface" {
        inside = words.count > 3
        guard inside else { continue }
        found.append(.init(name: words[1], method: words[3], addresses: [], source: "ifupdown"))
      } else if ["auto", "mapping", "source", "source-directory"].contains(first) || first.hasPrefix("allow-") {
        inside = false
      } else if inside, let last = words.dropFirst().first, !found.isEmpty {
        let index = found.count - 1
        switch first {
        case "address": found[index].addresses.append(last)
        case "netmask": masks[index] = last
        case "gateway": found[index].gateway = last
        case "hwaddress": found[index].mac = words.last
        case "dns-nameservers", "dns-nameserver":
          found[index].nameServers = (found[index].nameServers ?? []) + words.dropFirst()
        default: break
        }
      }
    }
    for (index, mask) in masks {
      found[index].addresses = found[index].addresses.map { InterfaceText.address($0, prefix: mask) }
    }
    return merged(found)
  }

  /// An interface has a stanza for each family of addresses.
  private static func merged(_ stanzas: [GuestFacts.Interface]) -> [GuestFacts.Interface] {
    stanzas.reduce(into: []) { found, next in
      guard let index = found.firstIndex(where: { $0.name == next.name }) else { return found.append(next) }
      found[index].addresses += next.addresses
      found[index].gateway = found[index].gateway ?? next.gateway
      found[index].mac = found[index].mac ?? next.mac
      if next.method == "static" { found[index].method = "static" }
    }
  }
}

/// `ifcfg-NAME` of Red Hat's family and of SUSE.
enum IfcfgText {
  static func interface(_ text: String, file: String, source: String) -> DescribedInterface? {
    let rows = KeyValueText.rows(text)
    let values = Dictionary(rows.map { ($0.key.uppercased(), $0.value) }, uniquingKeysWith: { _, last in last })
    let suffix = String(file.dropFirst("ifcfg-".count))
    let name = values["DEVICE"] ?? values["INTERFACE"] ?? suffix
    guard !name.isEmpty else { return nil }
    let addresses = rows.compactMap { row -> String? in
      guard let match = row.key.uppercased().wholeMatch(of: /IPADDR(_?[0-9A-Z]*)/), !row.value.isEmpty else {
        return nil
      }
      let end = match.output.1
      return InterfaceText.address(
        row.value, prefix: values["PREFIX\(end)"] ?? values["PREFIXLEN\(end)"] ?? values["NETMASK\(end)"])
    }
    let stated = values["BOOTPROTO"]?.lowercased() ?? ""
    let method = stated.hasPrefix("dhcp") || stated == "bootp" ? "dhcp" : addresses.isEmpty ? "none" : "static"
    let servers = rows.filter { $0.key.uppercased().wholeMatch(of: /DNS[0-9]+/) != nil }.map(\.value)
    var mac = values["HWADDR"] ?? (source == "wicked" ? values["LLADDR"] : values["MACADDR"])
    // Old SUSE calls the file itself after the hardware address.
    let isNamed = !name.hasPrefix("eth-id-")
    if !isNamed { mac = mac ?? String(name.dropFirst("eth-id-".count)) }
    let isCard =
      values["TYPE"].map { $0 == "Ethernet" } ?? true
      && ["BONDING_MASTER", "BRIDGE_PORTS", "ETHERDEVICE"].allSatisfy { values[$0] == nil }
    let facts = GuestFacts.Interface(
      name: name, method: method, addresses: addresses + [values["IPV6ADDR"]].compactMap(\.self), mac: mac,
      gateway: values["GATEWAY"], nameServers: servers, source: source)
    return DescribedInterface(facts: facts, isNamed: isNamed, isCard: isCard)
  }
}

/// NetworkManager's keyfiles and systemd's `.network` files.
enum KeyfileText {
  static func connection(_ text: String) -> DescribedInterface? {
    let sections = KeyValueText.sections(text)
    func value(_ section: String, _ key: String) -> String? {
      sections.last { $0.section == section && $0.key == key }?.value
    }
    guard let type = value("connection", "type"), ["ethernet", "802-3-ethernet"].contains(type) else { return nil }
    var addresses: [String] = []
    var gateway: String?
    for row in sections where row.section == "ipv4" || row.section == "ipv6" {
      if row.key.wholeMatch(of: /address(es)?[0-9]*/) != nil {
        // An address with its prefix, then perhaps the gateway.
        let parts = row.value.split { $0 == "," || $0 == ";" }.map(String.init)
        if let first = parts.first { addresses.append(first) }
        if parts.count > 1, gateway == nil { gateway = parts[1] }
      } else if row.key == "gateway" {
        gateway = gateway ?? row.value
      }
    }
    let method = value("ipv4", "method") ?? "auto"
    let name = value("connection", "interface-name")
    let mac = value("ethernet", "mac-address") ?? value("802-3-ethernet", "mac-address")
    let facts = GuestFacts.Interface(
      name: name ?? value("connection", "id") ?? "ethernet",
      method: method == "auto" ? "dhcp" : method == "manual" ? "static" : method, addresses: addresses, mac: mac,
      gateway: gateway, nameServers: (value("ipv4", "dns") ?? "").split { $0 == ";" || $0 == "," }.map(String.init),
      source: "networkmanager")
    return DescribedInterface(facts: facts, isNamed: name != nil, isCard: name != nil || mac != nil)
  }

  static func network(_ text: String) -> DescribedInterface? {
    let sections = KeyValueText.sections(text)
    func values(_ key: String, in wanted: Set<String>) -> [String] {
      sections.filter { wanted.contains($0.section) && $0.key == key }.map(\.value)
    }
    let mac = values("MACAddress", in: ["Match"]).first
    let name = values("Name", in: ["Match"]).first
    guard let shown = name ?? mac else { return nil }
    let addresses = values("Address", in: ["Network", "Address"])
    let dhcp = values("DHCP", in: ["Network"]).last?.lowercased() ?? "no"
    let usesDHCP = ["yes", "true", "ipv4", "both", "v4"].contains(dhcp)
    let facts = GuestFacts.Interface(
      name: shown, method: usesDHCP ? "dhcp" : addresses.isEmpty ? "none" : "static", addresses: addresses, mac: mac,
      gateway: values("Gateway", in: ["Network", "Route"]).first,
      nameServers: values("DNS", in: ["Network"]).flatMap { $0.split(separator: " ").map(String.init) },
      source: "networkd")
    return DescribedInterface(facts: facts, isNamed: name != nil)
  }
}
