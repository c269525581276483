/// Writes other addresses into a configuration file, in its own format. Pure text.
enum AddressWriting {
  /// - Returns: The new text; nil where the file does not describe the interface in a way that can be changed.
  static func changed(
    _ file: NetworkFile, _ interface: NamedInterface, _ addressing: NetworkWish.Addressing
  ) -> String? {
    if addressing == .keep { return file.text }
    switch file.kind {
    case .ifupdown: return interface.name.flatMap { ifupdown(file.text, $0, addressing) }
    case .ifcfg: return ifcfg(file.text, addressing)
    case .wicked: return wicked(file.text, addressing)
    case .keyfile: return keyfile(file.text, addressing)
    case .network: return network(file.text, addressing)
    case .netplan:
      var text = NetplanText(file.text)
      guard let key = interface.section, text.setAddressing(of: key, addressing) else { return nil }
      return text.text
    case .link, .rules: return nil
    }
  }

  private static func isVersion6(_ address: String) -> Bool { address.contains(":") }

  private static func ifupdown(_ text: String, _ name: String, _ addressing: NetworkWish.Addressing) -> String? {
    // A stanza goes on until a line that starts another.
    let starts: Set<Substring> = ["iface", "auto", "mapping", "source", "source-directory", "no-auto-down"]
    // What has nothing to do with addresses stays with the interface.
    let addressKeys: Set<Substring> = [
      "address", "netmask", "gateway", "network", "broadcast", "dns-nameservers", "dns-nameserver", "pointopoint",
    ]
    var kept: [String] = []
    var options: [String] = []
    var place: Int?
    var inside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(whereSeparator: \.isWhitespace)
      if let first = words.first, starts.contains(first) || first.hasPrefix("allow-") {
        inside = first == "iface" && words.count > 2 && words[1] == name
        if inside {
          place = place ?? kept.count
          continue
        }
      }
      if inside, let first = words.first, !first.hasPrefix("#") {
        if !addressKeys.contains(first), !options.contains(String(line)) { options.append(String(line)) }
        continue
      }
      kept.append(String(line))
    }
    guard let place else { return nil }
    var stanza: [String] = []
    switch addressing {
    case .keep: return text
    case .dhcp: stanza = ["iface \(name) inet dhcp"]
    case .fixed(let addresses, let gateway, let servers):
      for (index, address) in addresses.enumerated() {
        let family = isVersion6(address) ? "inet6" : "inet"
        stanza += ["iface \(name) \(family) static", "  address \(address)"]
        if let gateway, isVersion6(gateway) == isVersion6(address),
          addresses.firstIndex(where: { isVersion6($0) == isVersion6(gateway) }) == index
        {
          stanza.append("  gateway \(gateway)")
        }
        if index == 0, !servers.isEmpty { stanza.append("  dns-nameservers \(servers.joined(separator: " "))") }
      }
    }
    stanza.insert(contentsOf: options, at: 1)
    kept.insert(contentsOf: stanza, at: place)
    return kept.joined(separator: "\n")
  }

  private static func ifcfg(_ text: String, _ addressing: NetworkWish.Addressing) -> String {
    var values = ShellSettings(text)
    values.remove { name in
      ["IPADDR", "PREFIX", "NETMASK", "GATEWAY", "DNS", "IPV6ADDR", "IPV6_DEFAULTGW"].contains(where: name.hasPrefix)
        || ["NETWORK", "BROADCAST"].contains(name)
    }
    switch addressing {
    case .keep: break
    case .dhcp: values.set("BOOTPROTO", "dhcp")
    case .fixed(let addresses, let gateway, let servers):
      values.set("BOOTPROTO", "none")
      for (index, address) in addresses.filter({ !isVersion6($0) }).enumerated() {
        let halves = address.split(separator: "/")
        let suffix = index == 0 ? "" : String(index)
        values.set("IPADDR\(suffix)", String(halves[0]))
        if halves.count > 1 { values.set("PREFIX\(suffix)", String(halves[1])) }
      }
      if let address = addresses.first(where: isVersion6) {
        values.set("IPV6INIT", "yes")
        values.set("IPV6ADDR", address)
      }
      if let gateway { values.set(isVersion6(gateway) ? "IPV6_DEFAULTGW" : "GATEWAY", gateway) }
      for (index, server) in servers.enumerated() { values.set("DNS\(index + 1)", server) }
    }
    return values.text
  }

  private static func wicked(_ text: String, _ addressing: NetworkWish.Addressing) -> String {
    var values = ShellSettings(text)
    values.remove { name in
      ["IPADDR", "PREFIXLEN", "NETMASK", "LABEL"].contains(where: name.hasPrefix)
        || ["NETWORK", "BROADCAST", "REMOTE_IPADDR"].contains(name)
    }
    switch addressing {
    case .keep: break
    case .dhcp: values.set("BOOTPROTO", "dhcp")
    case .fixed(let addresses, _, _):
      values.set("BOOTPROTO", "static")
      for (index, address) in addresses.enumerated() {
        values.set(index == 0 ? "IPADDR" : "IPADDR_\(index)", address)
      }
    }
    return values.text
  }

  private static func keyfile(_ text: String, _ addressing: NetworkWish.Addressing) -> String {
    var values = IniText(text)
    func isAddress(_ key: String) -> Bool {
      ["method", "gateway", "dns", "dns-data"].contains(key)
        || key.wholeMatch(of: /addresse?s?[0-9]*(?:-data)?/) != nil
    }
    values.remove("ipv4", where: isAddress)
    switch addressing {
    case .keep: break
    case .dhcp: values.add("ipv4", [("method", "auto")])
    case .fixed(let addresses, let gateway, let servers):
      for (section, is6) in [("ipv4", false), ("ipv6", true)] {
        let own = addresses.filter { isVersion6($0) == is6 }
        guard !own.isEmpty else { continue }
        if is6 { values.remove(section, where: isAddress) }
        var rows = [(key: "method", value: "manual")]
        for (index, address) in own.enumerated() { rows.append(("address\(index + 1)", address)) }
        if let gateway, isVersion6(gateway) == is6 { rows.append(("gateway", gateway)) }
        let named = servers.filter { isVersion6($0) == is6 }
        if !named.isEmpty { rows.append(("dns", named.joined(separator: ";") + ";")) }
        values.add(section, rows)
      }
      // The section must say something even where all addresses are of the other family.
      if addresses.allSatisfy(isVersion6) { values.add("ipv4", [("method", "disabled")]) }
    }
    return values.text
  }

  private static func network(_ text: String, _ addressing: NetworkWish.Addressing) -> String {
    var values = IniText(text)
    values.removeSections(["Address", "Route"])
    values.remove("Network") { ["DHCP", "Address", "Gateway", "DNS"].contains($0) }
    switch addressing {
    case .keep: break
    case .dhcp: values.add("Network", [("DHCP", "yes")])
    case .fixed(let addresses, let gateway, let servers):
      values.add(
        "Network",
        addresses.map { ("Address", $0) } + (gateway.map { [("Gateway", $0)] } ?? []) + servers.map { ("DNS", $0) })
    }
    return values.text
  }
}
