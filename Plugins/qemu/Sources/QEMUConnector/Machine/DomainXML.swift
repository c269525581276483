import ConnectorProtocol

/// The machine as a libvirt domain: for those who want to go on with libvirt (`virsh define machine.xml`).
struct DomainXML: Sendable {
  var plan: MachinePlan
  var folder: MachineFolder
  var firmware: Firmware?
  var usesKVM: Bool

  var text: String {
    let machine = XMLElement(
      "domain", ["type": usesKVM ? "kvm" : "qemu", "xmlns:qemu": "http://libvirt.org/schemas/domain/qemu/1.0"],
      children: [
        XMLElement("name", text: plan.name),
        XMLElement("uuid", text: plan.uuid),
        plan.notes.map { XMLElement("description", text: $0) },
        XMLElement("memory", ["unit": "MiB"], text: String(plan.memoryBytes >> 20)),
        XMLElement("vcpu", text: String(max(1, plan.cpu.count))),
        system,
        XMLElement(
          "features",
          children: [XMLElement("acpi"), XMLElement("apic")]
            + (plan.secureBoot ? [XMLElement("smm", ["state": "on"])] : [])),
        processor,
        XMLElement("clock", ["offset": plan.clock.rawValue]),
        devices,
        nvme,
      ].compactMap { $0 })
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + machine.render()
  }

  private var system: XMLElement {
    var children = [XMLElement("type", ["arch": "x86_64", "machine": plan.board.rawValue], text: "hvm")]
    if let firmware {
      children.append(
        XMLElement(
          "loader", ["readonly": "yes", "type": "pflash", "secure": plan.secureBoot ? "yes" : "no"],
          text: firmware.code))
      children.append(XMLElement("nvram", text: folder.firmwareVariables))
    }
    return XMLElement("os", children: children)
  }

  private var processor: XMLElement {
    let topology = CPUTopology(plan.cpu)
    return XMLElement(
      "cpu", ["mode": usesKVM ? "host-passthrough" : "maximum"],
      children: [
        XMLElement(
          "topology",
          [
            "sockets": String(topology.sockets), "cores": String(topology.cores),
            "threads": String(topology.threads),
          ])
      ])
  }

  private var devices: XMLElement {
    let hba =
      plan.disks.contains { $0.controller == .virtioSCSI }
      ? [XMLElement("controller", ["type": "scsi", "index": "0", "model": "virtio-scsi"])] : []
    return XMLElement(
      "devices",
      children: [XMLElement("emulator", text: "/usr/bin/\(Host.program)")] + hba + disks + networks + [
        XMLElement(
          "serial", ["type": "pty"],
          children: [
            XMLElement("log", ["file": folder.serialLog, "append": "off"]),
            XMLElement("target", ["port": "0"]),
          ]),
        XMLElement("console", ["type": "pty"], children: [XMLElement("target", ["type": "serial", "port": "0"])]),
        XMLElement("graphics", ["type": "vnc", "autoport": "yes", "listen": "127.0.0.1"]),
        XMLElement("video", children: [XMLElement("model", ["type": "vga"])]),
      ])
  }

  private var disks: [XMLElement] {
    var letters: [String: Int] = [:]
    return plan.disks.filter { $0.controller != .nvme }.map { disk in
      let (bus, prefix) = Self.bus(disk.controller)
      let place = letters[prefix, default: 0]
      letters[prefix] = place + 1
      let order = (plan.bootOrder.firstIndex(of: disk.index) ?? 0) + 1
      return XMLElement(
        "disk", ["type": "file", "device": "disk"],
        children: [
          XMLElement(
            "driver", ["name": "qemu", "type": disk.format, "discard": "unmap", "detect_zeroes": "unmap"]),
          XMLElement("source", ["file": folder.file(disk.fileName)]),
          XMLElement("target", ["dev": prefix + Self.letters(place), "bus": bus]),
          XMLElement("boot", ["order": String(order)]),
        ])
    }
  }

  static func bus(_ controller: DiskController) -> (bus: String, prefix: String) {
    switch controller {
    case .virtioBlk: ("virtio", "vd")
    case .virtioSCSI: ("scsi", "sd")
    case .sata: ("sata", "sd")
    case .ide: ("ide", "hd")
    case .nvme: ("nvme", "nvme")
    }
  }

  /// a … z, aa, ab …: libvirt's names of disks.
  static func letters(_ place: Int) -> String {
    let last = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(place % 26)))
    return place < 26 ? last : letters(place / 26 - 1) + last
  }

  private var networks: [XMLElement] {
    plan.nics.map { nic in
      XMLElement(
        "interface", ["type": "user"],
        children: [XMLElement("mac", ["address": nic.mac]), XMLElement("model", ["type": nic.model.domainModel])]
          + (nic.network == Network.user.id ? [] : [XMLElement("link", ["state": "down"])]))
    }
  }

  /// libvirt has no emulated NVMe disk before version 11: those go to QEMU as they are.
  private var nvme: XMLElement? {
    let disks = plan.disks.filter { $0.controller == .nvme }
    guard !disks.isEmpty else { return nil }
    let words = disks.enumerated().flatMap { place, disk in
      let order = (plan.bootOrder.firstIndex(of: disk.index) ?? place) + 1
      return QEMUCommand.drive(disk).map { $0.resolved(in: folder.path) }
        + ["-device", QEMUCommand.device(disk, place: place) + ",bootindex=\(order)"]
    }
    return XMLElement("qemu:commandline", children: words.map { XMLElement("qemu:arg", ["value": $0]) })
  }
}
