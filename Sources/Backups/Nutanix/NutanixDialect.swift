import ConnectorProtocol
import Foundation

extension Backup.Kind {
  /// Disks with a Nutanix machine's JSON.
  static let nutanix: Backup.Kind = "nutanix"
}

/// A machine as version 3 or 4 of Nutanix' interface answers, with the JSON of its subnets beside it.
enum NutanixDialect: MachineDialect {
  static let name = "the v3 or v4 VM of Nutanix"
  static let platform = "nutanix"

  static func machines(_ library: JSONLibrary) -> [DescribedMachine] {
    library.objects { isThird($0) || isFourth($0) }.map { place in
      let id = place["extId"] ?? place.members["metadata"]?["uuid"]?.text
      let name = place["name"] ?? place.members["spec"]?["name"]?.text ?? place.members["status"]?["name"]?.text
      return DescribedMachine(place: place, names: [name, id].compactMap(\.self))
    }
  }

  private static func isThird(_ members: [String: JSONNode]) -> Bool {
    ["spec", "status"].contains { key in
      let resources = members[key]?["resources"]
      return resources?["num_sockets"] != nil || resources?["disk_list"] != nil
    }
  }

  private static func isFourth(_ members: [String: JSONNode]) -> Bool {
    members["numSockets"] != nil && (members["memorySizeBytes"] ?? members["disks"]) != nil
  }

  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    isThird(machine.place.members)
      ? try NutanixThird.draft(machine, library) : try NutanixFourth.draft(machine, library)
  }

  /// Sockets times cores times threads.
  static func cpu(sockets: Int64?, cores: Int64?, threads: Int64?, _ record: JSONRecord) throws(JSONFault)
    -> MachineDescription.CPU?
  {
    guard let sockets else { return nil }
    let perSocket = (cores ?? 1) * (threads ?? 1)
    let count = sockets * perSocket
    guard DraftTools.counts.contains(count) else {
      throw JSONFault(path: record.path, reason: "gives the machine \(count) processors")
    }
    return .init(
      count: Int(count), coresPerSocket: cores.map { Int($0) },
      threadsPerCore: threads.flatMap { $0 > 1 ? Int($0) : nil })
  }

  /// A bus of AHV in the words of the machine description.
  static func bus(_ word: String?) -> String {
    switch word?.uppercased() {
    case "SATA": "sata"
    case "IDE": "ide"
    case "PCI": "virtio-blk"
    case "NVME": "nvme"
    default: "virtio-scsi"
    }
  }

  static func model(_ word: String?) -> String? {
    switch word?.uppercased() {
    case nil: nil
    case "VIRTIO": "virtio"
    case "E1000": "e1000"
    default: word?.lowercased()
    }
  }

  private static let order = ["SCSI", "PCI", "SATA", "IDE"]

  /// A disk at its address, which nothing else may have.
  struct Address: Hashable {
    var bus: String
    var index: Int64

    var rank: (Int, Int64) { (order.firstIndex(of: bus) ?? order.count, index) }
    /// What exports call it: `scsi.0`.
    var names: [String] {
      ["\(bus.lowercased()).\(index)", "\(bus.lowercased())-\(index)", "\(bus.lowercased())\(index)"]
    }
  }

  struct Disk {
    var address: Address
    var identifiers: [String]
    var sizeBytes: Int64?
  }

  /// The disks in the order in which the machine sees them; the one at `boot` starts it, else the first.
  static func place(_ disks: [Disk], boot: Address?, into draft: inout MachineDraft) {
    let ordered = disks.sorted { $0.address.rank < $1.address.rank }
    draft.disks = ordered.map { disk in
      let bus = bus(disk.address.bus)
      let family = bus == "virtio-blk" ? "virtio" : bus == "virtio-scsi" ? "scsi" : bus
      var made = DiskDraft(
        label: disk.address.names[0], identifiers: disk.identifiers + disk.address.names, sizeBytes: disk.sizeBytes)
      made.boot = disk.address == boot
      made.controller = draft.controller("\(family)0", bus: bus)
      made.unit = Int(exactly: disk.address.index)
      return made
    }
    draft.findings.append(
      contentsOf: boot != nil && !ordered.contains { $0.address == boot }
        ? ["The disk that the machine is said to start from is none of its disks: the first is taken"] : [])
  }

  /// The name of a subnet that is described beside the machine.
  static func subnet(_ id: String?, _ library: JSONLibrary) -> String? {
    guard let id else { return nil }
    let places = library.objects { members in
      (members["extId"] != nil && members["subnetType"] != nil)
        || (members["metadata"]?["kind"]?.text == "subnet" && members["metadata"]?["uuid"] != nil)
    }
    let place = places.first { $0["extId"] == id || $0.members["metadata"]?["uuid"]?.text == id }
    return place.flatMap { $0["name"] ?? $0.members["spec"]?["name"]?.text } ?? id
  }
}
