/// Brings hardware addresses in network configuration up to date. Pure text.
enum HardwareAddresses {
  /// What an interface is tied to where its new address is not known.
  private enum Tie {
    /// Whatever Ethernet card there is, under the name that it had: there is only one.
    case onlyCard
    /// All cards: each of them asks for its address.
    case everyCard
    /// Nothing but its old name.
    case name
  }

  /// The file with each old address replaced by the new one, or without it where the new one is not known.
  ///
  /// Of several that are not known, one alone may be for every card, and only where all ask for their addresses: two
  /// that match the same cards would give both the same settings.
  static func rewritten(_ file: NetworkFile, _ wishes: [NetworkWish]) -> String {
    var file = file
    let loose = wishes.filter { $0.oldMAC != nil && $0.newMAC == nil }
    let isForAll = loose.count == wishes.count && loose.allSatisfy { $0.addressing == .dhcp }
    let first = isForAll ? loose.map(\.index).min() : nil
    for wish in wishes {
      guard let old = wish.oldMAC, wish.newMAC != old else { continue }
      let tie: Tie = wishes.count == 1 ? .onlyCard : wish.index == first ? .everyCard : .name
      file.text = wish.newMAC.map { replaced(old, by: $0, in: file.text) } ?? loosened(old, file, tie)
    }
    return file.text
  }

  /// However the address is written: `00:50:56:AA:BB:CC`, `00-50-56-aa-bb-cc`.
  static func replaced(_ old: String, by new: String, in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}/) {
      result += rest[..<match.range.lowerBound]
      result += NetworkWish.normalised(String(match.output)) == old ? new : String(match.output)
      rest = rest[match.range.upperBound...]
    }
    return result + rest
  }

  private static func loosened(_ mac: String, _ file: NetworkFile, _ tie: Tie) -> String {
    switch file.kind {
    case .ifcfg, .wicked:
      var values = ShellSettings(file.text)
      if values["HWADDR"].flatMap(NetworkWish.normalised) == mac { values.remove { $0 == "HWADDR" } }
      return values.text
    case .keyfile:
      var values = IniText(file.text)
      for section in ["ethernet", "802-3-ethernet"]
      where values[section, "mac-address"].flatMap(NetworkWish.normalised) == mac {
        values.remove(section) { $0 == "mac-address" }
      }
      return values.text
    case .netplan:
      var text = NetplanText(file.text)
      switch tie {
      case .onlyCard: text.looseMatch(mac, pattern: "e*", keepsName: true)
      case .everyCard: text.looseMatch(mac, pattern: "e*", keepsName: false)
      case .name: text.looseMatch(mac, pattern: nil, keepsName: false)
      }
      return text.text
    case .network:
      var values = IniText(file.text)
      if values["Match", "MACAddress"].flatMap(NetworkWish.normalised) == mac {
        // Something must be matched: of several, a file without a name stays for a card that is not there.
        let isNamed = values["Match", "Name"] != nil
        guard isNamed || tie != .name else { return file.text }
        values.remove("Match") { $0 == "MACAddress" }
        if !isNamed { values.add("Match", [("Name", "e*")]) }
      }
      return values.text
    case .ifupdown: return file.text
    case .link, .rules: return file.text
    }
  }
}
