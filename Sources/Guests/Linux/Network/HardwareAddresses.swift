/// Brings hardware addresses in network configuration up to date. Pure text.
enum HardwareAddresses {
  /// The file with each old address replaced by the new one, or without it where the new one is not known.
  static func rewritten(_ file: NetworkFile, _ wishes: [NetworkWish]) -> String {
    var file = file
    for wish in wishes {
      guard let old = wish.oldMAC, wish.newMAC != old else { continue }
      file.text = wish.newMAC.map { replaced(old, by: $0, in: file.text) } ?? loosened(old, file)
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

  private static func loosened(_ mac: String, _ file: NetworkFile) -> String {
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
      text.looseMatch(mac)
      return text.text
    case .network:
      var values = IniText(file.text)
      if values["Match", "MACAddress"].flatMap(NetworkWish.normalised) == mac {
        values.remove("Match") { $0 == "MACAddress" }
        // Something must be matched.
        if values["Match", "Name"] == nil { values.add("Match", [("Name", "e*")]) }
      }
      return values.text
    case .ifupdown: return file.text
    case .link, .rules: return file.text
    }
  }
}
