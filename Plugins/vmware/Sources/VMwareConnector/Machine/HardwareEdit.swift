import ConnectorProtocol

/// The changes of devices that attach a machine's disks and network interfaces otherwise: one reconfiguration, which the
/// server carries out in full or not at all.
struct HardwareEdit {
  var layout: HardwareLayout
  var places: [HardwareLayout.Place]
  /// The machine as it shall be; with the buses that its controllers really get once `changes` was asked.
  private(set) var wanted: MachinePlan

  init(layout: HardwareLayout, places: [HardwareLayout.Place], wanted: MachinePlan) {
    self.layout = layout
    self.places = places
    self.wanted = wanted
  }

  /// - Throws: `existsIncompatible` where the machine has what stands in the way.
  mutating func changes(controllers: Bool, nics: Bool) throws -> [VimValue] {
    try (controllers ? disks() : []) + (nics ? interfaces() : [])
  }

  // MARK: Disks

  /// New controllers, the disks moved to them, and the old ones taken away where nothing hangs on them any more.
  private mutating func disks() throws -> [VimValue] {
    var additions: [VimValue] = []
    var keys: [ControllerSlot: (key: Int64, bus: Int)] = [:]
    var edits: [VimValue] = []
    for place in places {
      guard let disk = wanted.disks.first(where: { $0.index == place.disk.index }) else { continue }
      let slot = ControllerSlot(disk)
      if keys[slot] == nil {
        if disk.controller == place.disk.controller, disk.unit == place.disk.unit {
          // It stays where it is.
          keys[slot] = (place.controllerKey, bus(of: place.controllerKey))
        } else if let present = mainboard(slot) {
          keys[slot] = (present, slot.bus)
        } else {
          let new = ControllerSlot(controller: disk.controller, bus: try freeBus(for: disk.controller, keys))
          let key = ConfigSpec.controllerKey(additions.count)
          additions.append(Devices.add(Devices.controller(new, key: key)))
          keys[slot] = (key, new.bus)
        }
      }
      guard let (key, bus) = keys[slot] else { continue }
      if let at = wanted.disks.firstIndex(where: { $0.index == disk.index }) { wanted.disks[at].bus = bus }
      guard key != place.controllerKey || disk.unit != place.disk.unit else { continue }
      edits.append(try move(place, to: key, unit: disk.unit))
    }
    return additions + edits + removals(keeping: Set(keys.values.map(\.key)))
  }

  /// IDE controllers belong to the mainboard: none is added, none goes.
  private func mainboard(_ slot: ControllerSlot) -> Int64? {
    guard slot.controller == .ide else { return nil }
    return layout.controllers(of: .ide).first { $0.int("busNumber") == Int64(slot.bus) }?.int("key")
  }

  private func bus(of controller: Int64) -> Int {
    Int(layout.devices.first { $0.int("key") == controller }?.int("busNumber") ?? 0)
  }

  /// The first bus that no controller has, those included that go: the server need not sort them out.
  private func freeBus(
    for kind: DiskController, _ given: [ControllerSlot: (key: Int64, bus: Int)]
  ) throws -> Int {
    let kinds = kind.isSCSI ? DiskController.allCases.filter(\.isSCSI) : [kind]
    let taken = Set(
      kinds.flatMap { layout.controllers(of: $0) }.compactMap { $0.int("busNumber") }.map(Int.init)
        + given.filter { kinds.contains($0.key.controller) }.map(\.value.bus))
    guard let free = (0..<kind.most).first(where: { !taken.contains($0) }) else {
      throw Self.inTheWay(
        wanted.name, "all \(kind.most) buses for \(kind.rawValue) controllers are taken",
        remedy: "Remove a controller that nothing hangs on, or change the machine on the server by hand.")
    }
    return free
  }

  private func move(_ place: HardwareLayout.Place, to controller: Int64, unit: Int) throws -> VimValue {
    let node = place.device
    guard let key = node.int("key"), let backing = node["backing"], let file = backing.string("fileName"),
      backing.type == "VirtualDiskFlatVer2BackingInfo", backing["parent"] == nil
    else {
      throw Self.inTheWay(
        wanted.name, "disk \(place.disk.index) is no plain file: the machine has a snapshot, or its disk was replaced",
        remedy: "Delete the machine's snapshots on the server, and retry.")
    }
    let kept = VimObject(
      "VirtualDiskFlatVer2BackingInfo",
      [
        "fileName": .text(file), "diskMode": .text(backing.string("diskMode") ?? "persistent"),
        "thinProvisioned": backing.bool("thinProvisioned").map { .bool($0) },
        "uuid": backing.string("uuid").map { .text($0) },
      ])
    let info = node["deviceInfo"].map {
      VimValue.object(
        VimObject(
          "Description",
          ["label": .text($0.string("label") ?? ""), "summary": .text($0.string("summary") ?? "")]))
    }
    let device = VimObject(
      "VirtualDisk",
      [
        "key": .int(key), "deviceInfo": info, "backing": .object(kept), "controllerKey": .int(controller),
        "unitNumber": .int(Int64(unit)),
        "capacityInKB": node.int("capacityInKB").map { .int($0) },
      ])
    return .object(VimObject("VirtualDeviceConfigSpec", ["operation": "edit", "device": .object(device)]))
  }

  private func removals(keeping kept: Set<Int64>) -> [VimValue] {
    let moved = Set(places.compactMap { $0.device.int("key") })
    var left: [Int64] = []
    for place in places
    where place.disk.controller != .ide && !kept.contains(place.controllerKey) && !left.contains(place.controllerKey) {
      left.append(place.controllerKey)
    }
    return left.compactMap { key in
      guard layout.attached(to: key).allSatisfy({ $0.int("key").map(moved.contains) ?? false }),
        let device = layout.devices.first(where: { $0.int("key") == key }), let type = device.type
      else { return nil }
      return Self.remove(VimObject(type, ["key": .int(key), "busNumber": device.int("busNumber").map { .int($0) }]))
    }
  }

  // MARK: Network interfaces

  /// Each one of another kind is taken out, and one of the wanted kind put in with its network and address.
  private func interfaces() throws -> [VimValue] {
    guard let kind = wanted.nics.first?.kind else { return [] }
    return try layout.nics.filter { $0.kind != kind }.enumerated().flatMap { place, nic -> [VimValue] in
      let node = nic.device
      guard let key = node.int("key"), let backing = MachinePlan.Backing(node["backing"]) else {
        throw Self.inTheWay(
          wanted.name, "a network interface hangs on something that this connector does not know",
          remedy: "Change the network interfaces on the server by hand.")
      }
      var device = Devices.nic(
        MachinePlan.NIC(
          index: place, kind: kind, mac: node.string("macAddress"),
          connected: node.bool("connectable.startConnected") ?? true, backing: backing, network: ""),
        key: -2000 - Int64(place), keepsMAC: true)
      // One that the server made stays one of its own.
      if let type = node.string("addressType") { device["addressType"] = .text(type.lowercased()) }
      device["wakeOnLanEnabled"] = node.bool("wakeOnLanEnabled").map { .bool($0) }
      return [Self.remove(VimObject(nic.kind.type, ["key": .int(key)])), Devices.add(device)]
    }
  }

  private static func remove(_ device: VimObject) -> VimValue {
    .object(VimObject("VirtualDeviceConfigSpec", ["operation": "remove", "device": .object(device)]))
  }

  static func inTheWay(_ machine: String, _ why: String, remedy: String) -> ConnectorError {
    ConnectorError(
      .existsIncompatible, "The hardware of '\(machine)' cannot be changed: \(why).", remedy: remedy, outcome: .none)
  }
}

extension MachinePlan.Backing {
  /// What a network interface of the server hangs on; nil where that is not known here.
  init?(_ node: XMLNode?) {
    switch node?.type {
    case "VirtualEthernetCardNetworkBackingInfo":
      guard let name = node?.string("deviceName") else { return nil }
      self = .standard(name)
    case "VirtualEthernetCardDistributedVirtualPortBackingInfo":
      // The port is given anew: the old interface holds it until it is gone.
      guard let uuid = node?.string("port.switchUuid"), let group = node?.string("port.portgroupKey") else {
        return nil
      }
      self = .distributed(switchUUID: uuid, portgroup: group)
    case "VirtualEthernetCardOpaqueNetworkBackingInfo":
      guard let id = node?.string("opaqueNetworkId"), let type = node?.string("opaqueNetworkType") else { return nil }
      self = .opaque(id: id, type: type)
    default: return nil
    }
  }
}
