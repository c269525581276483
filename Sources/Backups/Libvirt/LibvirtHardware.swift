import ConnectorProtocol
import Disks

/// The devices of a libvirt domain that the neutral description has: controllers, hard disks, network interfaces.
struct LibvirtHardware {
  private(set) var controllers: [MachineDescription.Controller] = []
  private(set) var disks: [LibvirtDisk] = []
  private(set) var nics: [MachineDescription.NIC] = []
  /// SCSI devices of the host that the guest had for its own, by their adapters' names.
  private(set) var hostDevices: [String] = []
  private(set) var findings: [String] = []

  private static let storage: Set<String> = ["scsi", "ide", "sata", "nvme"]
  private static let most = 1024

  init(_ devices: XMLNode) {
    for node in devices.children.prefix(Self.most) where node.name.local == "controller" { readController(node) }
    for node in devices.children.prefix(Self.most) where node.name.local == "disk" && Self.isHardDisk(node) {
      readDisk(node)
    }
    for node in devices.children.prefix(Self.most) where node.name.local == "interface" { readNIC(node) }
    for node in devices.children.prefix(Self.most)
    where node.name.local == "hostdev" && node.attribute("type") == "scsi" {
      hostDevices.append(node.child("source")?.child("adapter")?.attribute("name") ?? "hostdev")
    }
  }

  /// A disk that is neither a CD nor a floppy: `lun` hands a whole device through, and is one too.
  static func isHardDisk(_ node: XMLNode) -> Bool { ["disk", "lun"].contains(node.attribute("device") ?? "disk") }

  private mutating func readController(_ node: XMLNode) {
    guard let type = node.attribute("type"), Self.storage.contains(type) else { return }
    let index = node.attribute("index").flatMap { Int($0) } ?? 0
    add(.init(id: "\(type)\(index)", bus: Self.bus(type, node.attribute("model"))))
  }

  private mutating func add(_ controller: MachineDescription.Controller) {
    guard !controllers.contains(where: { $0.id == controller.id }) else { return }
    controllers.append(controller)
  }

  private static func bus(_ type: String, _ model: String?) -> String {
    guard type == "scsi" else { return type }
    switch model?.lowercased() {
    case "virtio-scsi", "virtio-transitional", "virtio-non-transitional": return "virtio-scsi"
    case "lsisas1068", "lsisas1078": return "lsi-sas"
    case "vmpvscsi": return "pvscsi"
    case "buslogic": return "buslogic"
    default: return "lsi-logic"
    }
  }

  private mutating func readDisk(_ node: XMLNode) {
    let target = node.child("target")
    let name = target?.attribute("dev") ?? "disk\(disks.count)"
    let address = node.child("address")
    let drive = address?.attribute("type") == "drive"
    let (controller, unit) = place(target?.attribute("bus") ?? Self.guess(name), name, drive ? address : nil)
    add(controller)
    let source = node.child("source")
    disks.append(
      LibvirtDisk(
        target: name, type: node.attribute("type") ?? "file",
        source: ["file", "dev", "name", "volume", "dir"].lazy.compactMap { source?.attribute($0) }.first,
        format: node.child("driver")?.attribute("type").map { ImageFormat(rawValue: $0) }, controller: controller.id,
        unit: unit, serial: node.child("serial")?.content,
        sectorBytes: Self.sectorBytes(node),
        bootOrder: node.child("boot")?.attribute("order").flatMap { Int($0) },
        isEncrypted: node.child("encryption") != nil || source?.child("encryption") != nil))
  }

  /// The size of a disk's sectors, where it is said and is one that disks have.
  static func sectorBytes(_ disk: XMLNode) -> Int? {
    let size = disk.child("blockio")?.attribute("logical_block_size").flatMap { Int($0) }
    return size.flatMap { [512, 4096].contains($0) ? $0 : nil }
  }

  private static func guess(_ target: String) -> String {
    switch target.prefix(2) {
    case "vd": "virtio"
    case "hd": "ide"
    case "xv": "xen"
    case "nv": "nvme"
    default: "scsi"
    }
  }

  /// The controller that a disk is on, and its number there.
  private func place(_ bus: String, _ target: String, _ drive: XMLNode?)
    -> (MachineDescription.Controller, Int?)
  {
    func number(_ name: String) -> Int? { drive?.attribute(name).flatMap { Int($0) } }
    switch bus {
    case "virtio": return (.init(id: "virtio0", bus: "virtio-blk"), Self.letters(target))
    case "xen": return (.init(id: "xen0", bus: "xen"), Self.letters(target))
    case "scsi", "sata", "ide", "nvme":
      let id = "\(bus)\(number("controller") ?? 0)"
      let known = controllers.first { $0.id == id }
      let unit = number("unit").map { bus == "ide" ? (number("bus") ?? 0) * 2 + $0 : $0 }
      return (known ?? .init(id: id, bus: Self.bus(bus, nil)), unit)
    default: return (.init(id: "\(bus)0", bus: bus), nil)
    }
  }

  /// `vdb` is 1, `vdaa` is 26.
  private static func letters(_ target: String) -> Int? {
    let suffix = target.utf8.drop(while: { $0 != UInt8(ascii: "d") }).dropFirst()
    guard !suffix.isEmpty, suffix.count <= 3, suffix.allSatisfy({ (97...122).contains($0) }) else { return nil }
    return suffix.reduce(0) { $0 * 26 + Int($1) - 96 } - 1
  }

  private mutating func readNIC(_ node: XMLNode) {
    let source = node.child("source")
    var network = ["network", "bridge", "dev", "name"].lazy.compactMap { source?.attribute($0) }.first
    // The groups of a network are networks of their own, with other VLANs: `ovs/vlan5`.
    if source?.attribute("network") != nil, let group = source?.attribute("portgroup"), !group.isEmpty {
      network = network.map { "\($0)/\(group)" }
    }
    let written = node.child("mac")?.attribute("address")
    let mac = written.flatMap(MACAddress.normal)
    if let written, mac == nil {
      findings.append("The MAC address \"\(written.prefix(60))\" is not valid and was left out")
    }
    let addresses = node.children.filter { $0.name.local == "ip" }.compactMap { ip -> String? in
      guard let address = ip.attribute("address") else { return nil }
      return ip.attribute("prefix").map { "\(address)/\($0)" } ?? address
    }
    nics.append(
      .init(
        index: nics.count, model: node.child("model")?.attribute("type")?.lowercased(), mac: mac, network: network,
        addresses: addresses, connected: node.child("link")?.attribute("state") != "down"))
  }
}
