import Support

/// Takes the old network's default route out of where SUSE and Red Hat keep it apart from the addresses, and writes
/// the new one where it belongs.
struct RouteFiles {
  let writer: GuestWriter
  /// Addresses of interfaces that keep them.
  let kept: [String]

  func readdress(_ addressing: NetworkWish.Addressing, name: String?, kind: NetworkFile.Kind) throws(AscendError) {
    switch kind {
    case .wicked: try suse(addressing, name)
    case .ifcfg: try redHat(name)
    default: break
    }
  }

  private func suse(_ addressing: NetworkWish.Addressing, _ name: String?) throws(AscendError) {
    // Where YaST writes the default route.
    let common = "/etc/sysconfig/network/routes"
    if let text = try writer.text(common) {
      try writer.put(common, RouteText.withoutDefault(text, of: name, isOwn: false, kept: kept))
    }
    var gateway: String?
    var servers: [String] = []
    if case .fixed(_, let chosen, let named) = addressing { (gateway, servers) = (chosen, named) }
    if let name {
      try own("/etc/sysconfig/network/ifroute-\(name)", name, adding: gateway.map { "default \($0) - \(name)\n" })
    }
    let path = "/etc/sysconfig/network/config"
    if !servers.isEmpty, let text = try writer.text(path) {
      var values = ShellSettings(text)
      values.set("NETCONFIG_DNS_STATIC_SERVERS", servers.joined(separator: " "))
      try writer.put(path, values.text)
    }
  }

  /// The new gateway stands in the interface's own settings.
  private func redHat(_ name: String?) throws(AscendError) {
    let common = "/etc/sysconfig/network"
    if let text = try writer.text(common) {
      try writer.put(common, RouteText.withoutGateway(text, of: name, kept: kept))
    }
    guard let name else { return }
    for kind in ["route", "route6"] {
      try own("/etc/sysconfig/network-scripts/\(kind)-\(name)", name, adding: nil)
    }
  }

  /// A file of one interface's routes, which goes where nothing is left in it.
  private func own(_ path: String, _ name: String, adding line: String?) throws(AscendError) {
    let old = try writer.text(path)
    var text = old.map { RouteText.withoutDefault($0, of: name, isOwn: true) } ?? ""
    if let line { text += (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + line }
    if let old, text != old, RouteText.isEmpty(text) {
      try writer.remove(path, keeping: old)
    } else if old != nil || line != nil {
      try writer.put(path, text)
    }
  }
}
