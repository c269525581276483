/// What gives a card its name whatever it is plugged into: by its address, or by its driver where it is the only one.
struct PinnedName: Hashable, Sendable {
  var name: String
  var mac: String?
  /// Empty where the driver does not tell the card from others.
  var drivers: [String]

  private static let reason = "# The name that this card had on the machine that was backed up"

  /// A `.link` file of systemd-udevd; nil where nothing tells the card.
  var link: String? {
    let match: String
    if let mac {
      match = "MACAddress=\(mac)"
    } else if !drivers.isEmpty {
      match = "Driver=\(drivers.joined(separator: " "))"
    } else {
      return nil
    }
    // A VLAN or a bridge takes the address over from its card, but has no driver of a card.
    let both = mac != nil && !drivers.isEmpty ? "\(match)\nDriver=\(drivers.joined(separator: " "))" : match
    return "\(Self.reason)\n[Match]\n\(both)\n\n[Link]\nName=\(name)\n"
  }

  /// A rule for udev before systemd.
  var rule: String? {
    let start = "SUBSYSTEM==\"net\", ACTION==\"add\", "
    if let mac {
      return "\(start)DRIVERS==\"?*\", ATTR{address}==\"\(mac)\", ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"\(name)\""
    }
    guard !drivers.isEmpty else { return nil }
    return "\(start)DRIVERS==\"\(drivers.joined(separator: "|"))\", KERNEL==\"eth*\", NAME=\"\(name)\""
  }
}
