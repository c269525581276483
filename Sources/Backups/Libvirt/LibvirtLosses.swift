/// What a libvirt domain says and a restore does not carry over.
enum LibvirtLosses {
  private static let setting = "A setting of the host that it ran on"
  private static let plumbing: Set<String> = ["pci", "usb", "virtio-serial", "fdc", "ccid"]
  private static let device = "Only disks and network interfaces are carried over"

  static func read(_ root: XMLNode, _ devices: XMLNode) -> [Loss] {
    var parts = UnreadParts()
    parts.note(
      root, as: "domain", why: setting,
      children: [
        "name", "uuid", "title", "description", "metadata", "memory", "vcpu", "cpu", "os", "devices", "currentMemory",
        "sysinfo",
      ], attributes: ["type", "id"])
    if root.child("description")?.content != nil, let title = root.child("title")?.content {
      parts.add("domain/title", title, "The description is what is carried over as the notes")
    }
    if let metadata = root.child("metadata") {
      // It names the guest's system, which is read.
      parts.note(
        metadata, as: "domain/metadata", why: "Notes of the tools that managed the machine", children: ["libosinfo"])
    }
    if let cpu = root.child("cpu") {
      parts.note(cpu, as: "domain/cpu", why: "Another host has other processors", children: ["topology"])
      parts.rest(
        of: cpu, "topology", as: "domain/cpu", why: "Another host has other processors",
        but: ["sockets", "dies", "cores", "threads"])
    }
    parts.rest(of: root, "vcpu", as: "domain", why: setting, but: ["current"])
    for size in ["memory", "currentMemory"] { parts.rest(of: root, size, as: "domain", why: setting, but: ["unit"]) }
    if let vcpu = root.child("vcpu"), vcpu.attribute("current") != nil {
      parts.add("domain/vcpu", vcpu.content, "Processors that could have been added while it ran")
    }
    if let now = root.child("currentMemory"), let memory = root.child("memory"),
      LibvirtUnits.bytes(now) != LibvirtUnits.bytes(memory)
    {
      parts.add("domain/currentMemory", now.content, "The memory balloon of the host that it ran on")
    }
    if let os = root.child("os") { noteStart(os, &parts) }
    parts.rest(of: root, "sysinfo", as: "domain", why: setting, but: ["type"], children: nil)
    for info in root.child("sysinfo")?.children ?? [] {
      parts.note(info, as: "domain/sysinfo/\(info.name.local)", why: "SMBIOS texts belong to the platform")
    }
    for child in devices.children { noteDevice(child, &parts) }
    return parts.losses
  }

  private static func noteStart(_ os: XMLNode, _ parts: inout UnreadParts) {
    if let nvram = os.child("nvram") {
      parts.add("domain/os/nvram", nvram.content, "Variables of the firmware never leave their platform")
      parts.note(nvram, as: "domain/os/nvram", why: setting)
    }
    // A loader that is read-only is what every one is.
    parts.rest(of: os, "loader", as: "domain/os", why: setting, but: ["type", "secure", "readonly"])
    parts.rest(of: os, "type", as: "domain/os", why: setting, but: ["arch", "machine"])
    parts.note(
      os, as: "domain/os", why: setting, children: ["type", "loader", "nvram", "firmware", "boot"],
      attributes: ["firmware"])
    for boot in os.children where boot.name.local == "boot" && boot.attribute("dev") != "hd" {
      parts.add("domain/os/boot", boot.attribute("dev"), "A restored machine starts from its disk")
    }
  }

  private static func noteDevice(_ node: XMLNode, _ parts: inout UnreadParts) {
    let place = "domain/devices/\(node.name.local)"
    switch node.name.local {
    case "disk" where LibvirtHardware.isHardDisk(node): noteDisk(node, &parts)
    case "interface": noteInterface(node, &parts)
    case "controller" where ["scsi", "ide", "sata", "nvme"].contains(node.attribute("type")):
      parts.note(
        node, as: place, why: setting, children: ["address", "alias"], attributes: ["type", "index", "model"])
    case "controller" where plumbing.contains(node.attribute("type") ?? ""): break
    // A pointer, a keyboard and the way to the emulator are part of every machine.
    case "input", "emulator", "memballoon": break
    case "tpm": parts.add(place, node.attribute("model"), "A TPM's secrets never leave its platform")
    default:
      let what = [node.attribute("device"), node.attribute("type"), node.attribute("model")].compactMap(\.self)
      parts.add(place, what.isEmpty ? nil : what.joined(separator: " "), device)
    }
  }

  private static func noteDisk(_ node: XMLNode, _ parts: inout UnreadParts) {
    let place = "domain/devices/disk \(node.child("target")?.attribute("dev") ?? "")"
    if let serial = node.child("serial")?.content {
      parts.add("\(place)/serial", serial, "The new platform gives its disks serial numbers of its own")
    }
    parts.note(
      node, as: place, why: setting,
      children: ["driver", "source", "target", "boot", "address", "alias", "backingStore", "serial", "blockio"],
      attributes: ["type", "device"])
    parts.rest(of: node, "driver", as: place, why: setting, but: ["name", "type"])
    // How the host reached the image. Most secrets stand elsewhere, by their identifiers; an address's query may be one.
    if node.child("source")?.attribute("query") != nil { parts.add("\(place)/source/@query", nil, setting) }
    parts.rest(
      of: node, "source", as: place, why: setting, but: ["file", "dev", "name", "volume", "dir", "index", "query"],
      children: ["encryption"])
    parts.rest(of: node, "target", as: place, why: setting, but: ["dev", "bus"])
    parts.rest(of: node, "boot", as: place, why: setting, but: ["order"])
    let isCarried = LibvirtHardware.sectorBytes(node) != nil
    parts.rest(of: node, "blockio", as: place, why: setting, but: isCarried ? ["logical_block_size"] : [])
  }

  private static func noteInterface(_ node: XMLNode, _ parts: inout UnreadParts) {
    let place = "domain/devices/interface \(node.child("mac")?.attribute("address") ?? "")"
    parts.note(
      node, as: place, why: setting,
      children: ["mac", "source", "model", "ip", "link", "address", "alias", "target"], attributes: ["type"])
    // A network's bridge and port are what the host made of its name.
    parts.rest(
      of: node, "source", as: place, why: setting,
      but: ["network", "portgroup", "portid", "bridge", "dev", "name"])
    parts.rest(of: node, "mac", as: place, why: setting, but: ["address"])
    parts.rest(of: node, "model", as: place, why: setting, but: ["type"])
    parts.rest(of: node, "ip", as: place, why: setting, but: ["address", "prefix", "family"])
    parts.rest(of: node, "link", as: place, why: setting, but: ["state"])
  }
}
