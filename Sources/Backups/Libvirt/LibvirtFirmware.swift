import ConnectorProtocol

/// How a libvirt domain starts: by `<os firmware>`, or by the loader that it names.
enum LibvirtFirmware {
  static func read(_ root: XMLNode, _ devices: XMLNode) -> MachineDescription.Firmware {
    let os = root.child("os")
    let loader = os?.child("loader")
    var firmware = MachineDescription.Firmware(tpm: devices.child("tpm") != nil)
    switch os?.attribute("firmware")?.lowercased() {
    case "efi": firmware.type = .uefi
    case "bios": firmware.type = .bios
    default:
      let path = loader?.content?.lowercased() ?? ""
      let known = ["ovmf", "aavmf", "edk2", "uefi"].contains { path.contains($0) }
      if loader?.attribute("type")?.lowercased() == "pflash" || known { firmware.type = .uefi }
    }
    guard firmware.type == .uefi else { return firmware }
    let features = os?.child("firmware")?.children ?? []
    func feature(_ name: String) -> Bool? {
      features.first { $0.attribute("name") == name }.map { $0.attribute("enabled") == "yes" }
    }
    // Without enrolled keys nothing is checked, whatever the loader could do.
    firmware.secureBoot =
      (feature("secure-boot") ?? (loader?.attribute("secure") == "yes")) && feature("enrolled-keys") ?? true
    return firmware
  }
}
