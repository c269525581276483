import ConnectorProtocol

/// A libvirt domain's XML, read into what a restore needs of it; reused for every backup that keeps such a file.
///
/// `LibvirtDomain.parse` takes the bytes, `machine(_:)` makes the neutral description once the disks' images are known.
struct LibvirtDomain {
  var name: String
  var cpu: MachineDescription.CPU
  var memoryBytes: Int64
  var firmware: MachineDescription.Firmware
  var controllers: [MachineDescription.Controller]
  /// Hard disks only, in the order of the document.
  var disks: [LibvirtDisk]
  var nics: [MachineDescription.NIC]
  /// SCSI devices of the host, whose data no image holds.
  var hostDevices: [String]
  var guest: MachineDescription.GuestSystem?
  var identity: MachineDescription.Identity
  var notes: String?
  var losses: [Loss]
  var findings: [String]

  struct Malformed: Error, Equatable {
    var reason: String
  }

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> LibvirtDomain {
    let root: XMLNode
    do { root = try XMLTree.parse(bytes) } catch { throw Malformed(reason: error.reason) }
    return try LibvirtDomain(root)
  }

  init(_ root: XMLNode) throws(Malformed) {
    guard root.name.local == "domain" else { throw Malformed(reason: "its root is no libvirt domain") }
    guard let name = root.child("name")?.content else { throw Malformed(reason: "the machine has no name") }
    guard let memory = root.child("memory"), let bytes = LibvirtUnits.bytes(memory), bytes > 0 else {
      throw Malformed(reason: "its memory is no sensible size")
    }
    self.name = name
    memoryBytes = bytes
    cpu = try Self.cpu(root)
    let devices = root.child("devices") ?? XMLNode(name: .init(namespace: "", local: "devices"))
    firmware = LibvirtFirmware.read(root, devices)
    let hardware = LibvirtHardware(devices)
    controllers = hardware.controllers
    disks = hardware.disks
    nics = hardware.nics
    hostDevices = hardware.hostDevices
    findings = hardware.findings
    guest = Self.guest(root)
    notes = root.child("description")?.content ?? root.child("title")?.content
    identity = Self.identity(root)
    losses = LibvirtLosses.read(root, devices)
    if !disks.isEmpty { disks[bootIndex(root)].boots = true }
    noteForeignStart(devices)
  }

  /// A device of the host that came before all disks: a controller with a disk of its own, or a network card.
  private mutating func noteForeignStart(_ devices: XMLNode) {
    let orders = devices.children.filter { $0.name.local == "hostdev" }
      .compactMap { $0.child("boot")?.attribute("order").flatMap { Int($0) } }
    guard let disk = disks.first(where: \.boots), let first = orders.min(), first < disk.bootOrder ?? .max else {
      return
    }
    findings.append(
      "The machine started from a device of the host, which the backup does not hold: \(disk.target) is taken instead")
  }

  private static func cpu(_ root: XMLNode) throws(Malformed) -> MachineDescription.CPU {
    let node = root.child("vcpu")
    let text = node?.attribute("current") ?? node?.content ?? "1"
    guard let count = Int(text), (1...4096).contains(count) else {
      throw Malformed(reason: "its number of processors is no sensible number")
    }
    guard let topology = root.child("cpu")?.child("topology") else { return .init(count: count) }
    func number(_ name: String) -> Int? {
      topology.attribute(name).flatMap { Int($0) }.flatMap { (1...4096).contains($0) ? $0 : nil }
    }
    let cores = number("cores").map { $0 * (number("dies") ?? 1) }
    let threads = number("threads")
    let fits = (cores ?? 1) * (threads ?? 1) <= count
    return .init(
      count: count, coresPerSocket: fits ? cores : nil, threadsPerCore: fits && threads ?? 1 > 1 ? threads : nil)
  }

  private static func guest(_ root: XMLNode) -> MachineDescription.GuestSystem? {
    let known = root.child("metadata")?.descendant("os")?.attribute("id")
    guard let known else { return nil }
    // `http://debian.org/debian/12`
    let words = known.split(separator: "/").suffix(2).joined(separator: " ")
    return .init(family: GuestWords.family(words) ?? GuestWords.family(known), name: words, sourceID: known)
  }

  private static func identity(_ root: XMLNode) -> MachineDescription.Identity {
    var identity = MachineDescription.Identity(uuid: root.child("uuid")?.content)
    if let uuid = identity.uuid { identity.source["libvirt:uuid"] = uuid }
    let type = root.child("os")?.child("type")
    if let machine = type?.attribute("machine") { identity.source["libvirt:machine"] = machine }
    if let architecture = type?.attribute("arch") { identity.source["libvirt:arch"] = architecture }
    let system = root.child("sysinfo")?.child("system")
    if let seen = system?.children.first(where: { $0.attribute("name") == "uuid" })?.content { identity.uuid = seen }
    return identity
  }

  /// By the order that the devices have, else the first disk.
  private func bootIndex(_ root: XMLNode) -> Int {
    let ordered = disks.indices.filter { disks[$0].bootOrder != nil }
    return ordered.min { (disks[$0].bootOrder ?? 0) < (disks[$1].bootOrder ?? 0) } ?? 0
  }
}

extension LibvirtDomain {
  /// The neutral description; `sizes` are the virtual sizes of the disks.
  func machine(sizes: [Int64]) -> MachineDescription {
    MachineDescription(
      name: name, cpu: cpu, memoryBytes: memoryBytes, firmware: firmware, controllers: controllers,
      disks: zip(disks, sizes).enumerated().map { index, pair in
        .init(
          index: index, name: pair.0.target, sizeBytes: pair.1, boot: pair.0.boots, controller: pair.0.controller,
          unit: pair.0.unit, sectorBytes: pair.0.sectorBytes)
      }, nics: nics, guest: guest, identity: identity, notes: notes)
  }
}

extension XMLNode {
  /// The first child called `local`, whatever its namespace.
  func child(_ local: String) -> XMLNode? { children.first { $0.name.local == local } }

  /// An attribute without a namespace.
  func attribute(_ local: String) -> String? { attributes[Name(namespace: "", local: local)] }

  /// The first element called `local` anywhere below.
  func descendant(_ local: String) -> XMLNode? {
    for child in children {
      if child.name.local == local { return child }
      if let found = child.descendant(local) { return found }
    }
    return nil
  }
}
