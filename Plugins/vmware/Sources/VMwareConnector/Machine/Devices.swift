/// Virtual devices as the API describes them.
enum Devices {
  static func add(_ device: VimObject) -> VimValue {
    .object(VimObject("VirtualDeviceConfigSpec", ["operation": "add", "device": .object(device)]))
  }

  static func controller(_ slot: ControllerSlot, key: Int64) -> VimObject {
    var device = VimObject(slot.controller.type, ["key": .int(key), "busNumber": .int(Int64(slot.bus))])
    if slot.controller.isSCSI { device["sharedBus"] = "noSharing" }
    return device
  }

  static func disk(_ disk: MachinePlan.Disk, _ source: ConfigSpec.Source, controllerKey: Int64) -> VimObject {
    let file: String
    switch source {
    case .new: file = "[\(disk.datastore ?? "")]"
    case .existing(let path): file = path.description
    }
    var backing = VimObject(
      "VirtualDiskFlatVer2BackingInfo", ["fileName": .text(file), "diskMode": "persistent"])
    if case .new = source {
      backing["thinProvisioned"] = .bool(disk.provisioning == .thin)
      if disk.provisioning == .eager { backing["eagerlyScrub"] = true }
    }
    return VimObject(
      "VirtualDisk",
      [
        "key": .int(-1000 - Int64(disk.index)), "backing": .object(backing), "controllerKey": .int(controllerKey),
        "unitNumber": .int(Int64(disk.unit)), "capacityInKB": .int(disk.sizeBytes / 1024),
      ])
  }

  static func nic(_ nic: MachinePlan.NIC, key: Int64, keepsMAC: Bool) -> VimObject {
    var device = VimObject(
      nic.kind.type,
      [
        "key": .int(key), "backing": backing(nic.backing, nic.network).map { .object($0) },
        "connectable": .object(
          VimObject(
            "VirtualDeviceConnectInfo",
            [
              "startConnected": .bool(nic.connected), "allowGuestControl": true, "connected": .bool(nic.connected),
            ])),
      ])
    if keepsMAC, let mac = nic.mac {
      device["addressType"] = "manual"
      device["macAddress"] = .text(mac)
    } else {
      device["addressType"] = "generated"
    }
    return device
  }

  private static func backing(_ backing: MachinePlan.Backing, _ name: String) -> VimObject? {
    switch backing {
    case .named: nil
    case .standard(let name):
      VimObject("VirtualEthernetCardNetworkBackingInfo", ["deviceName": .text(name)])
    case .distributed(let uuid, let portgroup):
      VimObject(
        "VirtualEthernetCardDistributedVirtualPortBackingInfo",
        [
          "port": .object(
            VimObject(
              "DistributedVirtualSwitchPortConnection",
              ["switchUuid": .text(uuid), "portgroupKey": .text(portgroup)]))
        ])
    case .opaque(let id, let type):
      VimObject(
        "VirtualEthernetCardOpaqueNetworkBackingInfo",
        ["opaqueNetworkId": .text(id), "opaqueNetworkType": .text(type)])
    }
  }
}
