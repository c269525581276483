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
    let others = package.system.children.map(\.name.local).filter { !known.contains($0) } + package.otherSections
    for section in others {
      losses.append(Loss(property: section, why: "A section that describes nothing of the machine itself"))
    }
    return losses
  }
}
