import ConnectorProtocol
import Support

/// A VMX configuration as the neutral description, without its disks.
struct VMXMachine {
  var machine: MachineDescription
  var product: String?
  var losses: [Loss]
  var findings: [String]

  init(_ file: VMXFile, _ hardware: VMXHardware, fallbackName: String, options: ReadOptions) throws(VMXFile.Malformed) {
    var completion = Completion(options)
    let count = file.number("numvcpus") ?? 1
    guard (1...4096).contains(count) else {
      throw VMXFile.Malformed(reason: "its number of processors is no sensible number")
    }
    let cores = file.number("cpuid.coresPerSocket").flatMap { (1...count).contains($0) ? $0 : nil }
    var memory: Int64
    if let text = file["memSize"] {
      guard let megabytes = Int64(text), (1...(64 << 20)).contains(megabytes) else {
        throw VMXFile.Malformed(reason: "its memory, \"\(text.prefix(40))\", is no sensible size")
      }
      memory = megabytes << 20
    } else {
      memory = completion.memoryBytes()
    }
    var firmware = MachineDescription.Firmware()
    if file["firmware"]?.lowercased() == "efi" { firmware.type = .uefi }
    firmware.secureBoot = firmware.type == .uefi && file.flag("uefi.secureBoot.enabled") == true
    firmware.tpm = file.flag("vtpm.present") == true
    machine = MachineDescription(
      name: file["displayName"] ?? fallbackName, cpu: .init(count: count, coresPerSocket: cores), memoryBytes: memory,
      firmware: firmware, controllers: hardware.controllers, nics: hardware.nics, guest: VMXGuest.read(file),
      identity: Self.identity(file), notes: file["annotation"])
    product = file["virtualHW.version"].map { "vmx-\($0)" }
    findings = file.findings + hardware.findings + completion.findings
    losses = hardware.losses + VMXLosses.read(file)
    if file.flag("cleanShutdown") == false {
      findings.append("The machine was running when it was copied, or stopped hard: its disks are as after a power cut")
    }
  }

  private static func identity(_ file: VMXFile) -> MachineDescription.Identity {
    var identity = MachineDescription.Identity(uuid: file["uuid.bios"].flatMap(uuid))
    if let instance = file["vc.uuid"].flatMap(uuid) { identity.source["vmware:instanceUuid"] = instance }
    if let location = file["uuid.location"].flatMap(uuid) { identity.source["vmware:locationUuid"] = location }
    if let guest = file["guestOS"] { identity.source["vmx:guestOS"] = guest }
    return identity
  }

  /// `56 4d a1 … -… 0f` with the dashes in their usual places.
  private static func uuid(_ text: String) -> String? {
    let digits = text.lowercased().filter { $0 != " " && $0 != "-" }
    guard digits.utf8.count == 32, digits.allSatisfy(\.isHexDigit) else { return nil }
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}

/// The guest system that a VMX configuration names.
enum VMXGuest {
  /// Names whose form in the platform's interface does not follow from their form here.
  private static let others = [
    "windows9srv": "windows9Server", "windows8srv": "windows8Server", "windows7srv": "windows7Server",
    "otherlinux": "otherLinux", "vmware-photon": "vmwarePhoton", "other26xlinux": "other26xLinux",
    "other3xlinux": "other3xLinux", "other4xlinux": "other4xLinux", "other5xlinux": "other5xLinux",
    "other6xlinux": "other6xLinux", "other7xlinux": "other7xLinux", "winnetstandard": "winNetStandard",
    "winnetenterprise": "winNetEnterprise", "winvista": "winVista", "longhorn": "winLonghorn",
    "windows2019srvnext": "windows2019srvNext", "windows2022srvnext": "windows2022srvNext", "winxppro": "winXPPro",
  ]

  static func read(_ file: VMXFile) -> MachineDescription.GuestSystem? {
    guard let word = file["guestOS"] else { return nil }
    return .init(
      family: GuestWords.family(word), name: file["guestOSAltName"] ?? file["guestInfo.detailed.data"],
      sourceID: identifier(word))
  }

  /// `debian12-64` as the platform's interface writes it: `debian12_64Guest`; `ubuntu-64` is `ubuntu64Guest`.
  static func identifier(_ word: String) -> String {
    let lower = word.lowercased()
    if lower == "other-64" { return "otherGuest64" }
    if lower == "other" { return "otherGuest" }
    let is64 = lower.hasSuffix("-64")
    let plain = is64 ? String(lower.dropLast(3)) : lower
    var base = others[plain] ?? plain
    if base.hasPrefix("oraclelinux") { base = "oracleLinux" + base.dropFirst("oraclelinux".count) }
    let separated = others[plain] == nil ? base.last?.isNumber == true || base.hasSuffix("srv") : base.hasSuffix("Next")
    return base + (is64 ? (separated ? "_64" : "64") : "") + "Guest"
  }
}
