import ConnectorProtocol

/// The devices of a VMX configuration: controllers, hard disks in the order of their places, network interfaces.
struct VMXHardware {
  /// A hard disk and the file that the configuration names for it.
  struct Disk {
    /// `scsi0:1`: where it is plugged in.
    var node: String
    var file: String
    var controller: String
    var unit: Int
  }

  /// A device that must be refused: what it is, and why.
  struct Refused: Error, Equatable {
    var device: String
    var why: String
  }

  private(set) var controllers: [MachineDescription.Controller] = []
  private(set) var disks: [Disk] = []
  private(set) var nics: [MachineDescription.NIC] = []
  private(set) var losses: [Loss] = []
  private(set) var findings: [String] = []
  /// The disk that the firmware was told to start from.
  private(set) var bootNode: String?

  /// Buses in the order in which disks are counted, with how many there are and how many places each has.
  private static let buses = [("scsi", 4, 65), ("nvme", 4, 65), ("sata", 4, 30), ("ide", 2, 2)]
  private static let mostNICs = 10

  init(_ file: VMXFile) throws(Refused) {
    for (bus, count, places) in Self.buses {
      for number in 0..<count {
        let id = "\(bus)\(number)"
        let nodes = (0..<places).filter {
          file["\(id):\($0).fileName"] != nil || file.flag("\(id):\($0).present") == true
        }
        let before = disks.count
        for unit in nodes { try readDevice(file, id, unit) }
        guard file.flag("\(id).present") == true || disks.count > before else { continue }
        controllers.append(.init(id: id, bus: Self.bus(bus, file["\(id).virtualDev"])))
      }
    }
    for number in 0..<Self.mostNICs { readNIC(file, "ethernet\(number)") }
    bootNode = Self.bootNode(file)
    if bootNode == nil, Set(disks.map { $0.node.prefix { $0.isLetter } }).count > 1, let first = disks.first {
      findings.append(
        "The configuration does not say which disk the machine started from: \(first.node) is assumed")
    }
  }

  private static func bus(_ bus: String, _ device: String?) -> String {
    guard bus == "scsi" else { return bus }
    switch device?.lowercased() {
    case "pvscsi": return "pvscsi"
    case "lsisas1068": return "lsi-sas"
    case "buslogic": return "buslogic"
    default: return "lsi-logic"
    }
  }

  private mutating func readDevice(_ file: VMXFile, _ controller: String, _ unit: Int) throws(Refused) {
    let node = "\(controller):\(unit)"
    let name = file["\(node).fileName"]
    let type = file["\(node).deviceType"]?.lowercased() ?? "disk"
    guard file.flag("\(node).present") == true else {
      losses.append(Loss(property: node, value: name, why: "A device that was not plugged in"))
      return
    }
    guard !type.contains("cdrom") else {
      losses.append(Loss(property: "\(node) CD drive", value: name, why: "Only disks are carried over"))
      return
    }
    guard !type.contains("passthru"), type != "rawdisk" else {
      throw Refused(device: node, why: "it is a device of the host (\(type)), whose data is not in the backup")
    }
    guard let name else { throw Refused(device: node, why: "the configuration names no file for it") }
    disks.append(Disk(node: node, file: name, controller: controller, unit: unit))
  }

  private static func bootNode(_ file: VMXFile) -> String? {
    let order = file["bios.hddOrder"] ?? file["efi.bootOrder.hdd"]
    return order?.lowercased().split(separator: ",").first.map { String($0.trimmingSpaces()) }
  }

  private mutating func readNIC(_ file: VMXFile, _ name: String) {
    guard file.flag("\(name).present") == true else { return }
    let type = file["\(name).addressType"]?.lowercased()
    let written = file[type == "static" ? "\(name).address" : "\(name).generatedAddress"] ?? file["\(name).address"]
    let mac = written.flatMap(MACAddress.normal)
    if let written, mac == nil {
      findings.append("The MAC address \"\(written.prefix(60))\" of \(name) is not valid and was left out")
    }
    let network = file["\(name).networkName"] ?? file["\(name).dvs.portgroupId"] ?? file["\(name).vnet"]
    nics.append(
      .init(
        index: nics.count, model: file["\(name).virtualDev"]?.lowercased(), mac: mac,
        network: network ?? file["\(name).connectionType"],
        connected: file.flag("\(name).startConnected") ?? true))
  }
}
