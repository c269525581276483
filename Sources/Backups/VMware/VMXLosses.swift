/// What a VMX configuration says and a restore does not carry over.
enum VMXLosses {
  private static let setting = "A setting of the platform that it was taken on"

  /// What is read elsewhere.
  private static let read: Set<String> = [
    ".encoding", "config.version", "virtualhw.version", "displayname", "numvcpus", "cpuid.corespersocket", "memsize",
    "firmware", "uefi.secureboot.enabled", "annotation", "uuid.bios", "uuid.location", "vc.uuid", "guestos",
    "guestosaltname", "guestinfo.detailed.data", "bios.hddorder", "efi.bootorder.hdd", "extendedconfigfile",
    "cleanshutdown", "vtpm.present", "checkpoint.vmstate",
  ]

  /// Keys by which a host keeps its own books: nothing that a machine elsewhere could miss. One loss a family.
  private static let families: [(name: String, why: String, prefixes: [String])] = [
    ("PCI slots and bridges", "The places of devices on the virtual board", ["pcibridge", "vmci0", "hpet0", "acpi."]),
    (
      "Bookkeeping of the host", "What the host remembers of its own work",
      [
        "vmotion.", "monitor.", "migrate.", "migratehostlog", "checkpoint.", "replay.", "softpoweroff",
        "numa.autosize.",
        "vm.genid", "vmxstats.", "toolsinstallmanager.", "gui.", "policy.vm.", "virtualhw.productcompatibility",
        "hostcpuid.", "guestcpuid.", "usercpuid.", "evcbasemode", "featmask.", "hostfeatmask", "cpuid.", "vc.", "log.",
        "vmx.log", "sched.swap.derivedname", "config.readonly", "viv.moid", "svga.guestbackedprimaryaware",
        "snapshot.", "filesearchpath",
      ]
    ),
    ("Shares and limits", "Shares and limits belong to the platform that it ran on", ["sched."]),
    (
      "Power and tools settings", "How the platform handles power and its guest tools",
      ["powertype.", "tools.", "isolation.", "guestinfo."]
    ),
  ]

  static func read(_ file: VMXFile) -> [Loss] {
    var parts = UnreadParts()
    var grouped: [Int: [String]] = [:]
    for (key, value) in file.values.sorted(by: { $0.key < $1.key }) where !value.isEmpty && !isRead(key) {
      if key.hasSuffix(".pcislotnumber") {
        grouped[0, default: []].append(key)
      } else if let family = families.firstIndex(where: { $0.prefixes.contains { key.hasPrefix($0) } }) {
        grouped[family, default: []].append(key)
      } else if key == "nvram" {
        parts.add("nvram", value, "Variables of the firmware never leave their platform")
      } else {
        parts.add(key, isSecret(key) ? nil : value, setting)
      }
    }
    for (family, keys) in grouped.sorted(by: { $0.key < $1.key }) {
      parts.add(families[family].name, keys.joined(separator: ", "), families[family].why)
    }
    if file.flag("vtpm.present") == true {
      parts.add("vTPM contents", nil, "A TPM's secrets never leave its platform")
    }
    if let state = file["checkpoint.vmState"] {
      parts.add("checkpoint.vmState", state, "The machine was suspended: what was in its memory is not carried over")
    }
    return parts.losses
  }

  /// Whether the reader of devices has seen to it.
  private static func isRead(_ key: String) -> Bool {
    if read.contains(key) { return true }
    guard let dot = key.lastIndex(of: ".") else { return false }
    let device = key[..<dot]
    let property = key[key.index(after: dot)...]
    if device.hasPrefix("ethernet") {
      return [
        "present", "virtualdev", "addresstype", "address", "generatedaddress", "networkname", "connectiontype",
        "startconnected", "vnet", "generatedaddressoffset",
      ].contains(property)
    }
    guard ["scsi", "sata", "nvme", "ide"].contains(where: { device.hasPrefix($0) }) else { return false }
    return ["present", "virtualdev", "filename", "devicetype"].contains(property)
  }

  private static func isSecret(_ key: String) -> Bool {
    ["password", "secret", "key", "token"].contains { key.contains($0) }
  }
}
