/// Finds the interfaces that a configuration file names. Pure text; what it does not understand it does not see.
enum NetworkReading {
  static func interfaces(_ file: NetworkFile) -> [NamedInterface] {
    let found: [NamedInterface]
    switch file.kind {
    case .ifupdown: found = ifupdown(file.text)
    case .ifcfg, .wicked: found = [ifcfg(file)].compactMap { $0 }
    case .keyfile: found = [keyfile(file.text)].compactMap { $0 }
    case .netplan: found = NetplanText(file.text).interfaces
    case .network: found = [network(file.text)].compactMap { $0 }
    case .link: found = [link(file.text)].compactMap { $0 }
    case .rules: found = rules(file.text)
    }
    return found.filter { interface in interface.name.map(isPlain) ?? true }
  }

  /// A name that a card can have: no alias, no VLAN, no pattern, not the loopback.
  static func isPlain(_ name: String) -> Bool {
    name != "lo" && !name.isEmpty && name.count < 16
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "_-".utf8.contains(byte)
        }
      }
  }

  /// A name as kernels and udev give them to Ethernet cards, and not to bridges, bonds or tunnels.
  static func isCard(_ name: String) -> Bool {
    name.wholeMatch(of: /(?:eth[0-9]+|en[A-Za-z0-9]+|em[0-9]+(?:_[0-9]+)?|p[0-9]+p[0-9]+(?:_[0-9]+)?)/) != nil
  }

  private static func ifupdown(_ text: String) -> [NamedInterface] {
    var found: [NamedInterface] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      if words.count > 3, words[0] == "iface" {
        let isStatic = words[3] == "static"
        if let index = found.firstIndex(where: { $0.name == words[1] }) {
          found[index].isStatic = found[index].isStatic || isStatic
        } else {
          found.append(NamedInterface(name: words[1], isStatic: isStatic))
        }
      } else if words.count > 1, words[0] == "hwaddress", !found.isEmpty {
        found[found.count - 1].mac = words.last.flatMap(NetworkWish.normalised)
      }
    }
    return found
  }

  private static func ifcfg(_ file: NetworkFile) -> NamedInterface? {
    let values = ShellSettings(file.text)
    if let type = values["TYPE"], type != "Ethernet" { return nil }
    if values["BONDING_MASTER"] != nil || values["BRIDGE_PORTS"] != nil || values["ETHERDEVICE"] != nil { return nil }
    let suffix = file.path.split(separator: "/").last.map { String($0.dropFirst("ifcfg-".count)) }
    let mac = (values["HWADDR"] ?? values["MACADDR"]).flatMap(NetworkWish.normalised)
    let method = values["BOOTPROTO"]?.lowercased() ?? ""
    let name = values["DEVICE"] ?? values["INTERFACE"] ?? suffix
    // Old SUSE calls the file itself after the hardware address.
    if let name, name.hasPrefix("eth-id-") {
      return NamedInterface(mac: NetworkWish.normalised(String(name.dropFirst(7))), isStatic: !method.hasPrefix("dhcp"))
    }
    let isStatic = ["static", "none", ""].contains(method) && file.text.contains("IPADDR")
    return NamedInterface(name: name, mac: mac, isStatic: isStatic)
  }

  private static func keyfile(_ text: String) -> NamedInterface? {
    let values = IniText(text)
    let type = values["connection", "type"] ?? "802-3-ethernet"
    guard type == "ethernet" || type == "802-3-ethernet" else { return nil }
    let mac = values["ethernet", "mac-address"] ?? values["802-3-ethernet", "mac-address"]
    let name = values["connection", "interface-name"]
    guard name != nil || mac != nil else { return nil }
    return NamedInterface(
      name: name, mac: mac.flatMap(NetworkWish.normalised), isStatic: values["ipv4", "method"] == "manual")
  }

  private static func network(_ text: String) -> NamedInterface? {
    let values = IniText(text)
    let name = values["Match", "Name"]
    let mac = values["Match", "MACAddress"].flatMap(NetworkWish.normalised)
    guard name != nil || mac != nil else { return nil }
    return NamedInterface(name: name, mac: mac, isStatic: text.contains("Address=") && values["Network", "DHCP"] == nil)
  }

  private static func link(_ text: String) -> NamedInterface? {
    let values = IniText(text)
    guard let name = values["Link", "Name"] else { return nil }
    return NamedInterface(
      name: name, mac: values["Match", "MACAddress"].flatMap(NetworkWish.normalised), isStatic: false)
  }

  private static func rules(_ text: String) -> [NamedInterface] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      guard !line.hasPrefix("#"), let name = line.firstMatch(of: /NAME="([^"]+)"/)?.output.1 else { return nil }
      let mac = line.firstMatch(of: /ATTRS?\{address\}=="([^"]+)"/)?.output.1
      return NamedInterface(
        name: String(name), mac: mac.flatMap { NetworkWish.normalised(String($0)) }, isStatic: false)
    }
  }
}
