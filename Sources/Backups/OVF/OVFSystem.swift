import ConnectorProtocol

/// What a descriptor says of the machine as a whole: its name, its guest, its firmware, where it comes from.
struct OVFSystem {
  var name: String
  var guest: MachineDescription.GuestSystem?
  var firmware = MachineDescription.Firmware()
  var platform: String
  var product: String?
  var notes: String?
  var identity = MachineDescription.Identity()
  /// The hardware item of the first disk in the recorded boot order.
  var bootInstance: String?

  /// The machine's settings that are read, in lower case.
  static let readSettings: Set<String> = [
    "firmware", "bootoptions.efisecurebootenabled", "uefi.secureboot.enabled", "uuid",
  ]

  init(_ package: OVFPackage, fallbackName: String) {
    let ovf = OVFNamespace.envelope
    let system = package.system
    let hardware = system.first("VirtualHardwareSection", ovf)
    let settings = hardware.map { OVFSettings.read($0, ["Config", "ExtraConfig"]) } ?? []
    let described = hardware?.first("System", ovf)
    let family = described?.first("VirtualSystemType", OVFNamespace.system)?.content ?? ""
    name =
      system.first("Name", ovf)?.content
      ?? described?.first("VirtualSystemIdentifier", OVFNamespace.system)?.content
      ?? system.attribute("id", ovf) ?? fallbackName
    notes = system.first("AnnotationSection", ovf)?.first("Annotation", ovf)?.content
    guest = OVFGuest.read(system.first("OperatingSystemSection", ovf))
    platform = Self.platform(family, system)
    product = [package.product, family.isEmpty ? nil : family].compactMap(\.self).joined(separator: ", ")
    if product?.isEmpty == true { product = nil }
    bootInstance = Self.bootInstance(system)
    for (key, value) in settings {
      switch key.lowercased() {
      case "firmware": if value.lowercased() == "efi" { firmware.type = .uefi }
      case "bootoptions.efisecurebootenabled", "uefi.secureboot.enabled":
        if value.lowercased() == "true" { firmware.secureBoot = true }
      case "uuid": identity.uuid = value
      default: break
      }
    }
    readVirtualBox(system)
    if let id = system.attribute("id", ovf) { identity.source["ovf:id"] = id }
    if !family.isEmpty { identity.source["virtualSystemType"] = family }
  }

  private static func platform(_ family: String, _ system: XMLNode) -> String {
    let words = family.lowercased()
    if words.contains("vmx-") { return "vmware" }
    if words.contains("virtualbox") || system.first("Machine", OVFNamespace.virtualBox) != nil { return "virtualbox" }
    return speaks(OVFNamespace.vmware, system) ? "vmware" : "unknown"
  }

  private static func speaks(_ namespaces: Set<String>, _ node: XMLNode) -> Bool {
    namespaces.contains(node.name.namespace) || node.attributes.keys.contains { namespaces.contains($0.namespace) }
      || node.children.contains { speaks(namespaces, $0) }
  }

  private static func bootInstance(_ system: XMLNode) -> String? {
    let spaces = OVFNamespace.vmware.union(OVFNamespace.envelope)
    return system.all("BootOrderSection", spaces).first { $0.attribute("type", spaces) == "disk" }?
      .attribute("instanceId", spaces)
  }

  /// VirtualBox keeps the firmware in a description of its own beside the standard one.
  private mutating func readVirtualBox(_ system: XMLNode) {
    let machine = system.first("Machine", OVFNamespace.virtualBox)
    // Its inner elements stand in the envelope's default namespace.
    let spaces = OVFNamespace.virtualBox.union(OVFNamespace.envelope)
    let type = machine?.first("Hardware", spaces)?.first("Firmware", spaces)?.attribute("type", [])
    if type?.hasPrefix("EFI") == true { firmware.type = .uefi }
    if let uuid = machine?.attribute("uuid", []) {
      identity.uuid = uuid.filter { $0 != "{" && $0 != "}" }
    }
  }
}
