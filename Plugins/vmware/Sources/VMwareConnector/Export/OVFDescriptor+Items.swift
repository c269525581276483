import ConnectorProtocol

extension OVFDescriptor {
  /// A virtual device: what a `rasd:Item` holds, written in the order of the schema.
  struct Item: Sendable {
    var fields: [(name: String, value: String)]
    var isRequired = true
    /// Elements of vSphere's own, after those of the schema.
    var extra = ""

    var text: String {
      let body = fields.sorted { $0.name < $1.name }.map { field in
        "        <rasd:\(field.name)>\(XMLText.escape(field.value))</rasd:\(field.name)>"
      }
      let open = isRequired ? "<Item>" : "<Item ovf:required=\"false\">"
      return "      \(open)\n" + body.joined(separator: "\n") + extra + "\n      </Item>"
    }
  }

  /// CIM_ResourceAllocationSettingData.ResourceType.
  private enum Kind: Int {
    case other = 1
    case processor = 3
    case memory = 4
    case ide = 5
    case scsi = 6
    case network = 10
    case disk = 17
    case storage = 20
  }

  var items: [Item] {
    var numbers = InstanceNumbers()
    var items = [
      item(
        numbers.next(), .processor, "\(plan.cpuCount) virtual CPU(s)",
        [("AllocationUnits", "hertz * 10^6"), ("VirtualQuantity", String(plan.cpuCount))],
        extra: "\n        <vmw:CoresPerSocket ovf:required=\"false\">\(plan.coresPerSocket)</vmw:CoresPerSocket>"),
      item(
        numbers.next(), .memory, "\(plan.memoryBytes >> 20)MB of memory",
        [("AllocationUnits", "byte * 2^20"), ("VirtualQuantity", String(plan.memoryBytes >> 20))]),
    ]
    var controllers: [ControllerSlot: Int] = [:]
    for disk in plan.disks {
      let slot = ControllerSlot(disk)
      if controllers[slot] == nil {
        let number = numbers.next()
        controllers[slot] = number
        items.append(controller(slot, number))
      }
      items.append(
        item(
          numbers.next(), .disk, "Hard disk \(disk.index + 1)",
          [
            ("AddressOnParent", String(disk.unit)), ("HostResource", "ovf:/disk/disk\(disk.index)"),
            ("Parent", String(controllers[slot] ?? 0)),
          ]))
    }
    for nic in plan.nics { items.append(network(nic, numbers.next())) }
    if plan.tpm {
      var tpm = item(numbers.next(), .other, "Virtual TPM", [("ResourceSubType", "vmware.vtpm")])
      tpm.isRequired = false
      items.append(tpm)
    }
    return items
  }

  private struct InstanceNumbers {
    private var last = 0
    mutating func next() -> Int {
      last += 1
      return last
    }
  }

  private func item(
    _ number: Int, _ kind: Kind, _ name: String, _ fields: [(String, String)], extra: String = ""
  ) -> Item {
    let own = [("ElementName", name), ("InstanceID", String(number)), ("ResourceType", String(kind.rawValue))]
    return Item(fields: (own + fields).map { (name: $0.0, value: $0.1) }, extra: extra)
  }

  private func controller(_ slot: ControllerSlot, _ number: Int) -> Item {
    let kind: Kind = slot.controller == .ide ? .ide : slot.controller.isSCSI ? .scsi : .storage
    let subtype: String? =
      switch slot.controller {
      case .pvscsi: "VirtualSCSI"
      case .lsiSAS: "lsilogicsas"
      case .lsiLogic: "lsilogic"
      case .sata: "vmware.sata.ahci"
      case .nvme: "vmware.nvme.controller"
      case .ide: nil
      }
    return item(
      number, kind, "\(slot.controller.rawValue) controller \(slot.bus)",
      [("Address", String(slot.bus))] + (subtype.map { [("ResourceSubType", $0)] } ?? []))
  }

  private func network(_ nic: MachinePlan.NIC, _ number: Int) -> Item {
    let subtype =
      switch nic.kind {
      case .vmxnet3: "VmxNet3"
      case .e1000e: "E1000e"
      case .e1000: "E1000"
      }
    return item(
      number, .network, "Network adapter \(nic.index + 1)",
      [
        ("AddressOnParent", String(7 + nic.index)), ("AutomaticAllocation", String(nic.connected)),
        ("Connection", nic.network), ("ResourceSubType", subtype),
      ] + (nic.mac.map { [("Address", $0)] } ?? []))
  }
}

/// Numbers of guests in CIM_OperatingSystem.OsType, which stand beside the platform's own names.
enum OperatingSystem {
  private static let prefixes: [(String, Int)] = [
    ("windows7Server64", 103), ("windows7_64", 105), ("windows7", 105), ("windows8Server", 115), ("windows8_64", 114),
    ("windows8", 113), ("winLonghorn64", 77), ("winLonghorn", 76), ("winVista64", 74), ("winVista", 73),
    ("winNetStandard64", 70), ("winNetStandard", 69), ("winXPPro64", 71), ("winXPPro", 67), ("win", 1),
    ("rhel", 80), ("centos", 107), ("oracleLinux", 109), ("sles", 85), ("opensuse64", 83), ("ubuntu64", 94),
    ("ubuntu", 93), ("freebsd", 78), ("solaris", 81), ("otherGuest64", 102), ("otherGuest", 1),
  ]

  static func number(_ guestID: String) -> Int {
    if guestID.hasPrefix("debian") { return guestID.contains("_64") ? 96 : 95 }
    if let known = prefixes.first(where: { guestID.hasPrefix($0.0) }) { return known.1 }
    return guestID.contains("64") ? 101 : 36
  }
}
