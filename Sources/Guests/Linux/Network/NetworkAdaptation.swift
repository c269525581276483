import ConnectorProtocol
import Support

/// Makes a guest's network configuration hold on other hardware: its interfaces keep their names, and get the addresses
/// that were asked for.
///
/// A card's name comes from where it is plugged in (`ens192`, `enp0s2`): in another machine the same card has another
/// one, and a configuration for the old one would lie idle.
struct NetworkAdaptation {
  let writer: GuestWriter
  let wishes: [NetworkWish]
  /// Drivers of the network interfaces that the machine will have.
  let drivers: [String]
  /// The mapping can say which hardware address an interface gets.
  var takesAddresses = true

  /// - Returns: Files that belong into the initramfs too, where a network driver is loaded in there.
  func run() throws(AscendError) -> [String: [UInt8]] {
    let files = try read()
    let interfaces = files.map { (file: $0, interfaces: NetworkReading.interfaces($0)) }
    let assignment = InterfaceNames.assign(wishes, interfaces.flatMap(\.interfaces))
    for warning in assignment.warnings { writer.warn(warning) }

    var current: [NetworkFile] = []
    for var file in files where file.kind != .rules {
      file.text = HardwareAddresses.rewritten(file, wishes)
      current.append(file)
    }
    let changing = Set(wishes.filter { $0.addressing != .keep }.compactMap { assignment.names[$0.index] })
    let kept = files.flatMap { InterfaceText.described($0) }.map(\.facts).filter { !changing.contains($0.name) }
    let routes = RouteFiles(writer: writer, kept: kept.flatMap(\.addresses))
    for wish in wishes where wish.addressing != .keep {
      try readdress(wish, name: assignment.names[wish.index], &current, routes)
    }
    for file in current { try writer.put(file.path, file.text) }
    if keepsFixedAddress(interfaces.flatMap(\.interfaces)) { try stopRewriting() }
    return try pin(assignment.names, rules: files.filter { $0.kind == .rules })
  }

  private func read() throws(AscendError) -> [NetworkFile] {
    var files: [NetworkFile] = []
    for (path, kind) in try NetworkFile.find(writer.guest).prefix(1024) {
      guard let text = try writer.text(path) else { continue }
      files.append(NetworkFile(path: path, kind: kind, text: text))
    }
    return files
  }

  // MARK: Addresses

  private func readdress(
    _ wish: NetworkWish, name: String?, _ files: inout [NetworkFile], _ routes: RouteFiles
  ) throws(AscendError) {
    var done = false
    for index in files.indices where files[index].kind != .link {
      for interface in NetworkReading.interfaces(files[index]) {
        let isMeant =
          (name != nil && interface.name == name)
          || (interface.mac != nil && (interface.mac == wish.oldMAC || interface.mac == wish.newMAC))
        guard isMeant, let text = AddressWriting.changed(files[index], interface, wish.addressing) else { continue }
        files[index].text = text
        try routes.readdress(wish.addressing, name: name ?? interface.name, kind: files[index].kind)
        done = true
        break
      }
    }
    // Without a configuration most systems ask for an address by themselves.
    guard !done, wish.addressing != .dhcp else { return }
    throw AscendError(
      "guest.networkUnknown", "The guest has no configuration of network interface \(wish.index) that could be changed",
      object: name, cause: "No file of ifupdown, netplan, NetworkManager, networkd, ifcfg or wicked describes it",
      remedy: "Leave addresses out of the mapping for it and set them in the guest, or in its first-boot data")
  }

  private func keepsFixedAddress(_ interfaces: [NamedInterface]) -> Bool {
    wishes.contains { wish in
      switch wish.addressing {
      case .keep: interfaces.contains(where: \.isStatic)
      case .fixed: true
      case .dhcp: false
      }
    }
  }

  /// cloud-init takes other hardware for a new machine and writes the network's configuration anew, without what was
  /// set by hand.
  private func stopRewriting() throws(AscendError) {
    guard try writer.guest.isDirectory("/etc/cloud/cloud.cfg.d") else { return }
    try writer.put(
      "/etc/cloud/cloud.cfg.d/99-ascend-network.cfg",
      "# The machine was restored with its fixed addresses: they are kept as they are configured.\n"
        + "network: {config: disabled}\n")
  }

  // MARK: Names

  private func pin(_ names: [Int: String], rules: [NetworkFile]) throws(AscendError) -> [String: [UInt8]] {
    let guest = writer.guest
    let hasLinks = try guest.hasAny(
      ["/usr/lib/systemd/network/99-default.link", "/lib/systemd/network/99-default.link"])
    let hasRules = try guest.isFile("/lib/udev/rules.d/75-persistent-net-generator.rules")
    var links: [String: [UInt8]] = [:]
    var lines: [String] = []
    for wish in wishes.sorted(by: { $0.index < $1.index }) {
      guard let name = names[wish.index] else { continue }
      let isAlone = wishes.count == 1
      if hasLinks {
        guard let text = PinnedName(name: name, mac: wish.newMAC, drivers: isAlone ? drivers : []).link else {
          unpinnable(wish, name)
          continue
        }
        let path = "/etc/systemd/network/05-ascend-\(name).link"
        try writer.put(path, text)
        links[String(path.dropFirst())] = Array(text.utf8)
      } else if hasRules || !rules.isEmpty {
        guard let line = PinnedName(name: name, mac: wish.newMAC, drivers: isAlone ? drivers : []).rule else {
          unpinnable(wish, name)
          continue
        }
        lines.append(line)
      } else if name.wholeMatch(of: /eth[0-9]+/) == nil {
        writer.warn("The guest's interface \(name) may have another name there: it has no udev that could keep it")
      }
    }
    for file in rules { try replace(file, lines) }
    if rules.isEmpty, !lines.isEmpty {
      try writer.put("/etc/udev/rules.d/70-persistent-net.rules", lines.joined(separator: "\n") + "\n")
    }
    return links
  }

  /// Rules that tie a name to the old card would give the new one the next free name.
  private func replace(_ file: NetworkFile, _ lines: [String]) throws(AscendError) {
    if lines.isEmpty {
      try writer.remove(file.path, keeping: file.text)
    } else {
      try writer.put(file.path, lines.joined(separator: "\n") + "\n")
    }
  }

  private func unpinnable(_ wish: NetworkWish, _ name: String) {
    writer.warn(Self.unpinnable(name, wish.index, takesAddresses: takesAddresses))
  }

  static func unpinnable(_ name: String, _ index: Int, takesAddresses: Bool) -> String {
    "The guest's interface \(name) may have another name there, and its configuration then does not apply: its "
      + "hardware address is not known beforehand. "
      + (takesAddresses
        ? "Set nics.\(index).mac in the mapping where the platform takes it"
        : "The platform chooses it: look at the guest's interfaces after the first start")
  }
}
