import ConnectorProtocol
import Foundation
import Support

/// A Hyper-V configuration as the neutral description, its disks still by the names that they had there.
struct HyperVMachine {
  struct Drive {
    var controller: String
    var unit: Int
    var path: String
  }

  var machine: MachineDescription
  var drives: [Drive] = []
  var product: String?
  /// When this configuration was made: of a checkpoint, when that was taken.
  var createdAt: Date?
  var losses: [Loss] = []
  var findings: [String] = []

  struct Malformed: Error, Equatable {
    var reason: String
  }

  private enum Device {
    static let ide = "83f8638b-8dca-4152-9eda-2ca8b33039b4"
    static let scsi = "d422512d-2bf2-4752-809d-7b82b5fcb1b4"
    static let adapter = "2fc216b0-d2e2-4967-9b6d-b8a5c9ca2778"
    static let firmware = "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad"
    static let tpm = "736e6aa9-"
  }

  /// The leaves that were read, in lower case: the others are losses.
  private var used: Set<String> = []

  init(_ root: HyperVNode, fallbackName: String, options: ReadOptions) throws(Malformed) {
    guard let configuration = root["configuration"],
      configuration["properties"] != nil || configuration["settings"] != nil
    else { throw Malformed(reason: "it describes no machine") }
    var completion = Completion(options)
    let count = configuration.integer("settings/processors/count")
    guard count.map({ (1...4096).contains($0) }) ?? true else {
      throw Malformed(reason: "its number of processors is no sensible number")
    }
    let megabytes = configuration.integer("settings/memory/bank/size")
    guard megabytes.map({ (1...(64 << 20)).contains($0) }) ?? true else {
      throw Malformed(reason: "its memory is no sensible size")
    }
    machine = MachineDescription(
      name: configuration.text("properties/name") ?? fallbackName,
      cpu: count.map { .init(count: Int($0)) } ?? completion.cpu(),
      memoryBytes: megabytes.map { $0 << 20 } ?? completion.memoryBytes(),
      notes: configuration.text("properties/notes"))
    findings = completion.findings
    used = ["properties/name", "properties/notes", "settings/processors/count", "settings/memory/bank/size"]
    readIdentity(configuration)
    readDevices(configuration)
    readFirmware(configuration)
    if machine.firmware.type == .uefi, drives.count > 1 {
      findings.append(
        "The boot order lies in the state of the machine's firmware, which is not read: the machine will start from the "
          + "disk that its guest is found to start from, else from its first")
    }
    losses += HyperVLosses.read(configuration, used)
  }

  private mutating func readIdentity(_ configuration: HyperVNode) {
    if let id = configuration.text("properties/global_id") { machine.identity.source["hyperv:id"] = id }
    if let version = configuration.integer("properties/version"), version > 0 {
      product = "configuration version \(version >> 8).\(version & 0xff)"
    }
    createdAt = configuration.date("properties/creation_time")
    used.formUnion(["properties/global_id", "properties/version", "properties/subtype", "properties/creation_time"])
  }

  private mutating func readFirmware(_ configuration: HyperVNode) {
    machine.firmware.type = configuration.integer("properties/subtype") == 1 ? .uefi : .bios
    let section = "_\(Device.firmware)_"
    machine.firmware.secureBoot =
      machine.firmware.type == .uefi && configuration.flag("\(section)/secure_boot_enabled") == true
    used.insert("\(section)/secure_boot_enabled")
    let uuid = configuration.text("\(section)/bios_guid") ?? configuration.text("settings/bios/bios_guid")
    if let uuid {
      machine.identity.uuid = uuid.lowercased().filter { $0 != "{" && $0 != "}" }
      used.formUnion(["\(section)/bios_guid", "settings/bios/bios_guid"])
    }
  }

  private mutating func readDevices(_ configuration: HyperVNode) {
    let devices = configuration["manifest"]?.children.map(\.node) ?? []
    var scsi = 0
    for kind in [Device.ide, Device.scsi] {
      for device in devices where device.text("device")?.lowercased() == kind {
        guard let instance = device.text("instance")?.lowercased() else { continue }
        let first = kind == Device.ide ? 0 : scsi
        let found = readController(configuration, instance, kind == Device.ide ? "ide" : "scsi", first)
        if kind == Device.scsi { scsi += max(1, found) }
      }
    }
    for device in devices {
      let kind = device.text("device")?.lowercased() ?? ""
      if kind.hasPrefix(Device.tpm) { machine.firmware.tpm = true }
      guard let instance = device.text("instance")?.lowercased() else { continue }
      readAdapter(configuration, instance, isSynthetic: kind == Device.adapter)
    }
    if machine.firmware.tpm {
      losses.append(Loss(property: "vTPM contents", why: "A TPM's secrets never leave its platform"))
    }
  }

  /// - Returns: How many controllers the section holds.
  private mutating func readController(_ configuration: HyperVNode, _ instance: String, _ bus: String, _ first: Int)
    -> Int
  {
    guard let section = configuration["_\(instance)_"] else { return 0 }
    let numbered = section.children.compactMap { child in Self.number(child.name, "controller").map { ($0, child) } }
    for (number, child) in numbered.sorted(by: { $0.0 < $1.0 }) where number < 64 {
      let id = "\(bus)\(first + number)"
      machine.controllers.append(.init(id: id, bus: bus == "ide" ? "ide" : "vmbus"))
      let places = child.node.children.compactMap { drive in Self.number(drive.name, "drive").map { ($0, drive) } }
      for (unit, drive) in places.sorted(by: { $0.0 < $1.0 }) {
        let path = "_\(instance)_/\(child.name)/\(drive.name)".lowercased()
        used.formUnion(["\(path)/type", "\(path)/pathname"])
        readDrive(drive.node, id, unit)
      }
    }
    return (numbered.map(\.0).max() ?? -1) + 1
  }

  private mutating func readDrive(_ drive: HyperVNode, _ controller: String, _ unit: Int) {
    let type = drive.text("type")?.uppercased() ?? "NONE"
    let path = drive.text("pathname")
    switch type {
    case "VHD":
      guard let path else { return }
      drives.append(Drive(controller: controller, unit: unit, path: path))
    case "NONE": return
    case "ISO":
      losses.append(Loss(property: "DVD drive \(controller):\(unit)", value: path, why: "Only disks are carried over"))
    default:
      losses.append(
        Loss(
          property: "Drive \(controller):\(unit)", value: path ?? type,
          why: "A device of the host, whose data is not in the backup"))
      findings.append("The drive at \(controller):\(unit) was a device of the host: its data is not in the backup")
    }
  }

  private static func number(_ name: String, _ prefix: String) -> Int? {
    name.lowercased().hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)).flatMap { $0 >= 0 ? $0 : nil } : nil
  }

  private mutating func readAdapter(_ configuration: HyperVNode, _ instance: String, isSynthetic: Bool) {
    guard machine.nics.count < 64, let section = configuration["_\(instance)_"],
      isSynthetic || section["MacAddress"] != nil
    else { return }
    let written = section.text("MacAddress")
    let mac = written.flatMap(MACAddress.normal)
    if let written, mac == nil {
      findings.append("The MAC address \"\(written.prefix(60))\" is not valid and was left out")
    }
    // All zeros stands for one that was never given out.
    let isGiven = mac.map { $0.contains { $0 != "0" && $0 != ":" } } ?? false
    let network =
      section.text("Connection/AltSwitchName") ?? section.text("AltSwitchName") ?? section.text("SwitchName")
    machine.nics.append(
      .init(
        index: machine.nics.count, model: isSynthetic ? "netvsc" : "dec21140", mac: isGiven ? mac : nil,
        network: network, connected: section.flag("IsConnected") ?? true))
    for key in ["macaddress", "isconnected", "connection/altswitchname", "altswitchname", "switchname"] {
      used.insert("_\(instance)_/\(key)")
    }
  }
}

/// What a Hyper-V configuration says and a restore does not carry over.
enum HyperVLosses {
  /// One loss for each group of settings that stand together, with the settings in it.
  static func read(_ configuration: HyperVNode, _ used: Set<String>) -> [Loss] {
    var groups: [(name: String, values: [String])] = []
    for (path, value) in configuration.leaves() where !used.contains(path.lowercased()) {
      let parts = path.split(separator: "/")
      // What a device is called and which it is says nothing more of the machine.
      guard parts.first != "manifest" else { continue }
      let depth = parts.first?.hasPrefix("_") == true ? 1 : 2
      let name = parts.prefix(min(depth, max(1, parts.count - 1))).joined(separator: "/")
      let key = parts.dropFirst(min(depth, max(1, parts.count - 1))).joined(separator: "/")
      let text = "\(key)=\(shown(value))"
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].values.append(text)
      } else {
        groups.append((name, [text]))
      }
    }
    return groups.prefix(500).map { group in
      Loss(
        property: group.name, value: String(group.values.joined(separator: ", ").prefix(400)),
        why: "Settings of the platform that it was taken on")
    }
  }

  private static func shown(_ value: HyperVNode.Value) -> String {
    switch value {
    case .text(let text): String(text.prefix(80))
    case .integer(let number): String(number)
    case .flag(let flag): String(flag)
    case .bytes, .other: "…"
    }
  }
}
