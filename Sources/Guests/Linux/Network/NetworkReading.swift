/// Finds the cards that a configuration file names. Pure text; what it does not understand it does not see.
enum NetworkReading {
  static func interfaces(_ file: NetworkFile) -> [NamedInterface] {
    let found: [NamedInterface] =
      switch file.kind {
      case .link: [link(file.text)].compactMap(\.self)
      case .rules: rules(file.text)
      default: InterfaceText.described(file).filter(\.isCard).map(\.named)
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
