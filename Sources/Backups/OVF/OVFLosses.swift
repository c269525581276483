/// What a descriptor says and a restore does not carry over.
enum OVFLosses {
  static let platformSetting = "A setting of the platform that it was taken on"
  static let onlyDisks = "Only disks and network interfaces are carried over"

  /// The device in words, where its kind is not carried over.
  static func device(_ item: OVFItem) -> String? {
    switch item.type {
    case 3, 4, 5, 6, 10, 17, 20: nil
    case 1: item.subtype.map { "Device \($0)" } ?? "Other device"
    case 14: "Floppy drive"
    case 15: "CD drive"
    case 16: "DVD drive"
    case 21: "Serial port"
    case 22: "Parallel port"
    case 23: "USB controller"
    case 24: "Video card"
    case 35: "Sound card"
    case .some(let type): "Device of type \(type)"
    case nil: "Device without a type"
    }
  }

  /// What items of every kind are called by, and where they stand on the board: nothing of the machine.
  private static let labels: Set<String> = [
    "ElementName", "Caption", "Description", "InstanceID", "InstanceId", "ResourceType", "ResourceSubType",
    "AddressOnParent", "Config", "CoresPerSocket", "VirtualQuantityUnits",
  ]
  private static let shares: Set<String> = ["Reservation", "Limit", "Weight"]

  /// The properties of an item that nobody reads; of a device that is left behind as a whole there is no more to say.
  static func properties(_ item: OVFItem) -> [Loss] {
    guard device(item) == nil else { return [] }
    let read: Set<String> =
      switch item.type {
      case 3, 4: ["VirtualQuantity", "AllocationUnits"]
      case 10: ["Address", "Connection", "AutomaticAllocation"]
      case 17: ["HostResource", "Parent"]
      default: ["Address"]
      }
    return item.node.children.compactMap { child in
      let name = child.name.local
      guard !labels.contains(name), !read.contains(name) else { return nil }
      let key = child.attribute("key", OVFNamespace.vmware)
      let value = child.content ?? child.attribute("value", OVFNamespace.vmware)
      guard key != nil || value != nil else { return nil }
      return Loss(
        property: "\(item.name ?? item.instance): \(key ?? name)", value: value,
        why: shares.contains(name) ? "Shares and limits belong to the platform that it ran on" : platformSetting)
    }
  }

  /// What VirtualBox says of the machine in words of its own, and what the standard's description of it says.
  private static func descriptions(_ system: XMLNode) -> [Loss] {
    var parts = UnreadParts()
    let spaces = OVFNamespace.virtualBox.union(OVFNamespace.envelope)
    if let machine = system.first("Machine", OVFNamespace.virtualBox) {
      parts.note(
        machine, as: "vbox:Machine", why: platformSetting, children: ["Hardware", "StorageControllers"],
        attributes: ["uuid", "name"])
      if let hardware = machine.first("Hardware", spaces) {
        parts.note(
          hardware, as: "vbox:Machine/Hardware", why: platformSetting,
          children: ["Firmware", "CPU", "Memory", "StorageControllers"])
      }
    }
    if let described = system.first("VirtualHardwareSection", OVFNamespace.envelope)?
      .first("System", OVFNamespace.envelope)
    {
      parts.note(
        described, as: "System", why: platformSetting,
        children: [
          "ElementName", "Caption", "Description", "InstanceID", "InstanceId", "VirtualSystemIdentifier",
          "VirtualSystemType",
        ])
    }
    let orders = OVFNamespace.vmware.union(OVFNamespace.envelope)
    for order in system.all("BootOrderSection", orders) where order.attribute("type", orders) != "disk" {
      parts.add("BootOrderSection", order.attribute("type", orders), "A restored machine starts from its disk")
    }
    return parts.losses
  }

  /// Settings of the whole machine, sections of the descriptor and product properties.
  static func system(_ package: OVFPackage) -> [Loss] {
    let ovf = OVFNamespace.envelope
    var losses: [Loss] = []
    let hardware = package.system.first("VirtualHardwareSection", ovf)
    let settings = hardware.map { OVFSettings.read($0, ["Config", "ExtraConfig"]) } ?? []
    for (key, value) in settings where !OVFSystem.readSettings.contains(key.lowercased()) {
      losses.append(Loss(property: key, value: value, why: platformSetting))
    }
    for product in package.system.all("ProductSection", ovf) {
      for property in product.all("Property", ovf) {
        losses.append(
          Loss(
            property: "Product property \(property.attribute("key", ovf) ?? "")",
            value: property.attribute("password", ovf) == "true" ? nil : property.attribute("value", ovf),
            why: "Properties are handed to the guest by the platform that it was taken on"))
      }
    }
    let known: Set = [
      "Info", "Name", "OperatingSystemSection", "VirtualHardwareSection", "AnnotationSection", "ProductSection",
      "BootOrderSection", "Machine",
    ]
    losses += descriptions(package.system) + sections(package)
    let others = package.system.children.map(\.name.local).filter { !known.contains($0) } + package.otherSections
    for section in others {
      losses.append(Loss(property: section, why: "A section that describes nothing of the machine itself"))
    }
    return losses
  }
}
