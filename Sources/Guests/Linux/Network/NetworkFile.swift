import Support

/// A file of a guest's network configuration, and how it is written.
struct NetworkFile: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// Debian, Alpine: `/etc/network/interfaces`
    case ifupdown
    /// Red Hat: `/etc/sysconfig/network-scripts/ifcfg-NAME`
    case ifcfg
    /// SUSE: `/etc/sysconfig/network/ifcfg-NAME`
    case wicked
    /// NetworkManager's own.
    case keyfile
    case netplan
    /// systemd-networkd
    case network
    /// systemd-udevd: how an interface gets its name.
    case link
    /// Rules of older udev versions that do the same.
    case rules
  }

  var path: String
  var kind: Kind
  var text: String

  /// Folders and files in which network configuration stands, in the order in which it is looked for.
  static let places: [(folder: String, kind: Kind, takes: @Sendable (String) -> Bool)] = [
    ("/etc/network", .ifupdown, { $0 == "interfaces" }),
    ("/etc/network/interfaces.d", .ifupdown, { !$0.hasPrefix(".") && !$0.hasSuffix("~") }),
    ("/etc/sysconfig/network-scripts", .ifcfg, { isSettings($0) }),
    ("/etc/sysconfig/network", .wicked, { isSettings($0) }),
    ("/etc/NetworkManager/system-connections", .keyfile, { !$0.hasPrefix(".") && !$0.hasSuffix("~") }),
    ("/etc/netplan", .netplan, { $0.hasSuffix(".yaml") }),
    ("/etc/systemd/network", .network, { $0.hasSuffix(".network") }),
    ("/etc/systemd/network", .link, { $0.hasSuffix(".link") }),
    ("/etc/udev/rules.d", .rules, { $0 == "70-persistent-net.rules" || $0 == "70-net-persistent-names.rules" }),
  ]

  /// How a file of this path is written; nil where it is none of network configuration, or a copy of one.
  static func kind(of path: String) -> Kind? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let name = String(path[path.index(after: slash)...])
    return places.first { $0.folder == path[..<slash] && $0.takes(name) }?.kind
  }

  /// The paths of a mounted guest's files, in one question.
  static func find(_ guest: GuestfsHandle) throws(AscendError) -> [(path: String, kind: Kind)] {
    let folders = places.map(\.folder).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return try guest.glob("/{\(folders.map { $0.dropFirst() }.joined(separator: ","))}/*").compactMap { path in
      kind(of: path).map { (path, $0) }
    }
  }

  private static func isSettings(_ name: String) -> Bool {
    name.hasPrefix("ifcfg-") && ![".bak", ".orig", ".rpmsave", ".rpmnew", "~"].contains(where: name.hasSuffix)
  }
}

/// An interface that a guest's configuration names.
struct NamedInterface: Hashable, Sendable {
  /// `ens192`; nil where the file is tied to a hardware address alone.
  var name: String?
  /// The address that the file ties it to, as `00:50:56:aa:bb:cc`.
  var mac: String?
  /// The key of its section, where that is not its name (netplan).
  var section: String?
  var isStatic: Bool
}
