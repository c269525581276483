import ConnectorProtocol
import Support

/// Turns the hardware section of a descriptor into the neutral description, and notes what it leaves behind.
struct OVFHardware {
  /// A disk of the machine and the descriptor's disk behind it.
  struct DiskReference {
    var item: OVFItem
    var diskID: String?
    var fileID: String?
    var controller: MachineDescription.Controller?
    var unit: Int?
  }

  private(set) var cpu = MachineDescription.CPU(count: 1)
  private(set) var memoryBytes: Int64 = 0
  private(set) var controllers: [MachineDescription.Controller] = []
  private(set) var disks: [DiskReference] = []
  private(set) var nics: [MachineDescription.NIC] = []
  private(set) var tpm = false
  private(set) var losses: [Loss] = []
  private(set) var findings: [String] = []

  struct Malformed: Error, Equatable {
    var reason: String
  }

  private static let controllerTypes: Set<Int> = [5, 6, 20]

  init(_ items: [OVFItem]) throws(Malformed) {
    try readSizes(items)
    let byInstance = readControllers(items)
    try readDisks(items, byInstance)
    for item in items where item.type == 10 { readNIC(item) }
    for item in items { noteLoss(item) }
  }

  private mutating func readSizes(_ items: [OVFItem]) throws(Malformed) {
    guard let processors = items.first(where: { $0.type == 3 }) else {
      throw Malformed(reason: "it does not say how many processors the machine has")
    }
    guard let count = processors.value("VirtualQuantity").flatMap({ Int($0) }), (1...4096).contains(count) else {
      throw Malformed(reason: "its number of processors is no sensible number")
    }
    let cores = processors.node.first("CoresPerSocket", OVFNamespace.vmware)?.content.flatMap { Int($0) }
    cpu = .init(count: count, coresPerSocket: cores.flatMap { (1...count).contains($0) ? $0 : nil })
    guard let memory = items.first(where: { $0.type == 4 }) else {
      throw Malformed(reason: "it does not say how much memory the machine has")
    }
    let unit = OVFUnits.bytes(memory.value("AllocationUnits"))
    guard let bytes = OVFUnits.bytes(memory.value("VirtualQuantity"), unit: unit), bytes > 0 else {
      throw Malformed(
        reason: "its memory, \(memory.value("VirtualQuantity") ?? "nothing") times "
          + "\"\(memory.value("AllocationUnits") ?? "byte")\", is no sensible size")
    }
    memoryBytes = bytes
  }

  /// Controllers in the order of their kind and address; the names count within a bus, `sata1`.
  private mutating func readControllers(_ items: [OVFItem]) -> [String: (MachineDescription.Controller, Int)] {
    var byInstance: [String: (MachineDescription.Controller, Int)] = [:]
    let found = items.filter { Self.controllerTypes.contains($0.type ?? 0) }
    let kinds = found.map { Self.family($0) }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for family in kinds {
      let members = found.filter { Self.family($0) == family }.enumerated().sorted { one, other in
        let addresses = [one, other].map { Int($0.element.value("Address") ?? "") ?? $0.offset }
        return (addresses[0], one.offset) < (addresses[1], other.offset)
      }
      for (number, member) in members.enumerated() {
        let controller = MachineDescription.Controller(id: "\(family)\(number)", bus: Self.bus(member.element))
        byInstance[member.element.instance] = (controller, controllers.count)
        controllers.append(controller)
      }
    }
    return byInstance
  }

  private mutating func readDisks(
    _ items: [OVFItem], _ byInstance: [String: (MachineDescription.Controller, Int)]
  ) throws(Malformed) {
    var found: [(DiskReference, [Int])] = []
    for (place, item) in items.enumerated() where item.type == 17 {
      let parent = item.value("Parent").flatMap { byInstance[$0] }
      let unit = item.value("AddressOnParent").flatMap { Int($0) }
      var reference = DiskReference(item: item, controller: parent?.0, unit: unit)
      guard let host = item.value("HostResource") else {
        throw Malformed(reason: "its disk \"\(item.name ?? item.instance)\" names no image")
      }
      // `ovf:/disk/id`, `/disk/id`, and `ovf://disk/id` by one old writer.
      let parts = host.split(separator: "/").suffix(2).map(String.init)
      switch parts.first {
      case "disk" where parts.count == 2: reference.diskID = parts[1]
      case "file" where parts.count == 2: reference.fileID = parts[1]
      default: throw Malformed(reason: "its disk \"\(item.name ?? item.instance)\" names \"\(host)\"")
      }
      found.append((reference, [parent?.1 ?? controllers.count, unit ?? Int.max, place]))
    }
    disks = found.sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
  }

  private mutating func readNIC(_ item: OVFItem) {
    var address = item.value("Address").map { MACAddress.normal($0) }
    if case .some(.none) = address {
      findings.append("The MAC address \"\(item.value("Address") ?? "")\" is not valid and was left out")
      address = nil
    }
    let connected = item.value("AutomaticAllocation")?.lowercased() != "false"
    nics.append(
      .init(
        index: nics.count, model: item.subtype?.split(whereSeparator: { " ,".contains($0) }).first?.lowercased(),
        mac: address.flatMap(\.self), network: item.value("Connection"), connected: connected))
  }

  private mutating func noteLoss(_ item: OVFItem) {
    if item.subtype?.lowercased() == "vmware.vtpm" {
      tpm = true
      losses.append(Loss(property: "vTPM contents", why: "A TPM's secrets never leave its platform"))
      return
    }
    if let kind = OVFLosses.device(item) {
      losses.append(Loss(property: kind, value: item.name, why: OVFLosses.onlyDisks))
    }
    for (key, value) in item.settings {
      let name = "\(item.name ?? item.instance): \(key)"
      losses.append(Loss(property: name, value: value, why: OVFLosses.platformSetting))
    }
    losses += OVFLosses.properties(item)
  }

  private static func family(_ item: OVFItem) -> String {
    switch bus(item) {
    case "ide", "sata", "nvme": bus(item)
    case "virtio-blk": "virtio"
    default: "scsi"
    }
  }

  /// The bus in the words of the machine description. A list of subtypes is a choice; the first counts.
  private static func bus(_ item: OVFItem) -> String {
    let words = (item.subtype ?? "").lowercased()
    let first = words.split(whereSeparator: { " ,".contains($0) }).first.map(String.init) ?? ""
    switch (item.type, first) {
    case (5, _): return "ide"
    case (_, "virtualscsi"), (_, "pvscsi"): return "pvscsi"
    case (_, "lsilogic"): return "lsi-logic"
    case (_, "lsilogicsas"): return "lsi-sas"
    case (_, "buslogic"): return "buslogic"
    case (_, "virtio-scsi"), (_, "virtioscsi"): return "virtio-scsi"
    case (_, "virtio"), (_, "virtio-blk"): return "virtio-blk"
    case (_, let name) where name.contains("nvme"): return "nvme"
    case (_, let name) where name.contains("ahci") || name.contains("sata"): return "sata"
    case (6, _): return "lsi-logic"
    default: return "sata"
    }
  }
}
