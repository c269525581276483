extension OVFLosses {
  /// What the sections that are read say beside that.
  static func sections(_ package: OVFPackage) -> [Loss] {
    let ovf = OVFNamespace.envelope
    var parts = UnreadParts()
    for product in package.system.all("ProductSection", ovf) {
      parts.note(
        product, as: "ProductSection", why: "It tells what was installed, not what the machine is",
        children: ["Info", "Property"], attributes: ["required"])
    }
    if let hardware = package.system.first("VirtualHardwareSection", ovf) {
      parts.note(
        hardware, as: "VirtualHardwareSection", why: platformSetting,
        children: OVFItem.elements.union(["Info", "System", "Config", "ExtraConfig"]), attributes: ["required", "id"])
    }
    if let guest = package.system.first("OperatingSystemSection", ovf) {
      parts.note(
        guest, as: "OperatingSystemSection", why: "The guest is looked into for its version",
        children: ["Info", "Description"], attributes: ["required", "id", "osType"])
    }
    for network in package.root.first("NetworkSection", ovf)?.all("Network", ovf) ?? [] {
      parts.note(
        network, as: "Network \(network.attribute("name", ovf) ?? "")",
        why: "A network is mapped by its name, and described by its platform", attributes: ["name"])
    }
    noteFiles(package.root, &parts)
    for item in package.bounds {
      let amount = [item.value("VirtualQuantity"), item.value("AllocationUnits")].compactMap(\.self)
      parts.add(
        "\(item.name ?? item.instance), \(item.bound ?? "")", amount.isEmpty ? nil : amount.joined(separator: " "),
        "A bound of what the machine may have: what it has is carried over")
    }
    return parts.losses
  }

  private static func noteFiles(_ root: XMLNode, _ parts: inout UnreadParts) {
    let ovf = OVFNamespace.envelope
    for file in root.first("References", ovf)?.all("File", ovf) ?? [] {
      parts.note(
        file, as: "File \(file.attribute("href", ovf) ?? "")", why: platformSetting,
        attributes: ["id", "href", "size", "compression", "chunkSize"])
    }
    for disk in (root.all("DiskSection", ovf) + root.all("Section", ovf)).flatMap({ $0.all("Disk", ovf) }) {
      // How much of it holds data is counted in the image.
      parts.note(
        disk, as: "Disk \(disk.attribute("diskId", ovf) ?? "")", why: platformSetting,
        attributes: [
          "diskId", "fileRef", "capacity", "capacityAllocationUnits", "format", "parentRef", "populatedSize",
        ])
    }
  }
}
