import ConnectorProtocol
import Foundation

extension Backup.Kind {
  /// Disks with the answer of `listVirtualMachines`.
  static let cloudStack: Backup.Kind = "cloudstack"
}

/// `listVirtualMachines` of CloudStack, with `listVolumes`, `listSnapshots` and `listBackups` beside it.
enum CloudStackDialect: MachineDialect {
  static let name = "listVirtualMachines of CloudStack"
  static let platform = "cloudstack"

  static func machines(_ library: JSONLibrary) -> [DescribedMachine] {
    let places = library.objects { members in
      (members["serviceofferingid"] ?? members["serviceofferingname"]) != nil && members["virtualmachineid"] == nil
        && members["id"] != nil && (members["nic"] ?? members["cpunumber"] ?? members["instancename"]) != nil
    }
    return places.map { place in
      DescribedMachine(
        place: place,
        names: [place["displayname"], place["name"], place["instancename"], place["id"]].compactMap(\.self))
    }
  }

  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    let record = machine.place.record
    let id = try record.text("id")
    let instance = try record.text("instancename")
    let display = try record.text("displayname")
    let name = try record.text("name")
    var draft = MachineDraft(
      name: MachineDraft.clean(display ?? name, or: instance ?? id ?? "machine"), platform: platform, kind: .cloudStack)
    let details = try CloudStackDetails(record.pairs("details"))
    draft.cpu = try cpu(record, details)
    draft.memoryBytes = try DraftTools.memory(record, "memory", unit: 1 << 20)
    draft.firmware = try firmware(record, details)
    draft.identity.uuid = id.flatMap { UUID(uuidString: $0)?.uuidString.lowercased() }
    draft.identity.source = ["id": id, "instancename": instance, "name": display == nil ? nil : name]
      .compactMapValues(\.self)
    for key in ["templateid", "zoneid", "serviceofferingid"] {
      if let value = try record.text(key) { draft.identity.source[key] = value }
    }
    try readGuest(record, &draft)
    for tag in try record.records("tags") {
      guard let key = try tag.text("key") else { continue }
      draft.tags[key] = try tag.text("value") ?? ""
      tag.pass("account", "domain", "domainid", "resourceid", "resourcetype", "project", "projectid", "domainpath")
    }
    try readNICs(record, details, &draft)
    try CloudStackDisks.read(
      .init(id: id, names: machine.names), details, library: library, record: record, into: &draft)
    draft.losses += record.losses(why: DraftTools.why) + details.losses
    return draft
  }

  private static func cpu(_ record: JSONRecord, _ details: CloudStackDetails) throws(JSONFault)
    -> MachineDescription.CPU?
  {
    guard let count = try record.count("cpunumber", in: DraftTools.counts) else { return nil }
    let cores = details["cpu.corespersocket"].flatMap { Int($0) }
    return .init(count: Int(count), coresPerSocket: cores.flatMap { (1...Int(count)).contains($0) ? $0 : nil })
  }

  private static func firmware(_ record: JSONRecord, _ details: CloudStackDetails) throws(JSONFault)
    -> MachineDescription.Firmware?
  {
    let mode = try record.text("bootmode")?.lowercased() ?? details["UEFI"]?.lowercased()
    let type = try record.text("boottype")?.lowercased() ?? (details["UEFI"] == nil ? nil : "uefi")
    let tpm = ["virtual.tpm.enabled", "virtual.tpm.model", "virtual.tpm.version"].contains { key in
      details[key].map { $0.lowercased() != "false" } ?? false
    }
    guard let type else { return tpm ? .init(type: .uefi, tpm: true) : nil }
    return .init(type: type == "uefi" ? .uefi : .bios, secureBoot: type == "uefi" && mode == "secure", tpm: tpm)
  }

  private static func readGuest(_ record: JSONRecord, _ draft: inout MachineDraft) throws(JSONFault) {
    let name = try record.text("osdisplayname")
    let id = try record.text("ostypeid", "guestosid")
    guard name != nil || id != nil else { return }
    draft.guest = .init(family: name.flatMap(GuestWords.family), name: name, sourceID: id)
  }

  private static func readNICs(_ record: JSONRecord, _ details: CloudStackDetails, _ draft: inout MachineDraft)
    throws(JSONFault)
  {
    var found: [(order: Int64, nic: MachineDescription.NIC)] = []
    let model = details["nicAdapter"]
    for (place, nic) in try record.records("nic").enumerated() {
      var addresses: [String] = []
      if let address = try nic.text("ipaddress") {
        addresses.append(DraftTools.address(address, mask: try nic.text("netmask")))
      }
      if let address = try nic.text("ip6address") {
        let prefix = try nic.text("ip6cidr")?.split(separator: "/").last
        addresses.append(prefix.map { "\(address)/\($0)" } ?? address)
      }
      for second in try nic.records("secondaryip") {
        if let address = try second.text("ipaddress") { addresses.append(address) }
        second.pass("id")
      }
      let network = try nic.text("networkname", "networkid")
      let mac = DraftTools.mac(try nic.text("macaddress"), &draft.findings)
      let order = try nic.integer("deviceid") ?? Int64(place)
      nic.pass("id", "isdefault")
      found.append((order, .init(index: 0, model: model, mac: mac, network: network, addresses: addresses)))
    }
    found.sort { $0.order < $1.order }
    draft.nics = found.enumerated().map { place, entry in
      var nic = entry.nic
      nic.index = place
      return nic
    }
  }
}

/// The free-form settings of a machine, and which of them were read.
final class CloudStackDetails {
  private let values: [String: String]
  private var read: Set<String> = []

  init(_ values: [String: String]) { self.values = values }

  subscript(key: String) -> String? {
    read.insert(key)
    return values[key].flatMap { $0.isEmpty ? nil : $0 }
  }

  var losses: [Loss] {
    values.filter { !read.contains($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { key, value in
      let isSecret = ["password", "secret", "key"].contains { key.lowercased().contains($0) }
      return Loss(
        property: "details/\(key.prefix(150))", value: isSecret ? nil : String(value.prefix(200)),
        why: DraftTools.why(key))
    }
  }
}
