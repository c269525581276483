import ConnectorProtocol
import Foundation

/// A machine of version 4.
enum NutanixFourth {
  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    let record = machine.place.record
    let id = try record.text("extId")
    let bios = try record.text("biosUuid")
    let name = try record.text("name")
    var draft = MachineDraft(
      name: MachineDraft.clean(name, or: id ?? "machine"), platform: NutanixDialect.platform, kind: .nutanix)
    draft.notes = try record.text("description")
    draft.identity.uuid = (bios ?? id)?.lowercased()
    draft.identity.source = ["extId": id, "biosUuid": bios].compactMapValues(\.self)
    draft.cpu = try NutanixDialect.cpu(
      sockets: record.count("numSockets", in: DraftTools.counts),
      cores: record.count("numCoresPerSocket", in: DraftTools.counts),
      threads: record.count("numThreadsPerCore", in: 1...64), record)
    draft.memoryBytes = try DraftTools.memory(record, "memorySizeBytes", unit: 1)
    record.pass("$objectType", "$reserved", "$unknownFields", "links", "tenantId", "powerState")
    let boot = try readBoot(record, machine.place, &draft)
    try readDisks(record, boot: boot, &draft)
    try readNICs(record, library, &draft)
    for drive in try record.records("cdRoms") {
      let address = try drive.record("diskAddress").flatMap(address)
      draft.losses.append(Loss(property: "CD drive \(address?.names[0] ?? "")", why: OVFLosses.onlyDisks))
      drive.pass("$objectType", "$reserved", "$unknownFields", "extId", "links", "tenantId", "backingInfo")
    }
    draft.losses += record.losses(why: DraftTools.why).filter { !$0.property.contains("$") }
    return draft
  }

  private static func readBoot(
    _ record: JSONRecord, _ place: JSONLibrary.Place, _ draft: inout MachineDraft
  ) throws(JSONFault) -> NutanixDialect.Address? {
    let tpm = try record.record("vtpmConfig")?.flag("isVtpmEnabled") ?? false
    let boot = try record.record("bootConfig")
    let type = try boot?.text("$objectType") ?? ""
    let secure = try boot?.flag("isSecureBootEnabled")
    draft.firmware = .init(
      type: type.contains("UefiBoot") || secure != nil ? .uefi : .bios, secureBoot: secure ?? false, tpm: tpm)
    boot?.pass("bootOrder", "$reserved", "$unknownFields", "nvramDevice")
    return try boot?.record("bootDevice")?.record("diskAddress").flatMap(address)
  }

  private static func address(_ record: JSONRecord) throws(JSONFault) -> NutanixDialect.Address? {
    guard let bus = try record.text("busType") else { return nil }
    return .init(bus: bus.uppercased(), index: try record.count("index", in: 0...255) ?? 0)
  }

  private static func readDisks(_ record: JSONRecord, boot: NutanixDialect.Address?, _ draft: inout MachineDraft)
    throws(JSONFault)
  {
    var disks: [NutanixDialect.Disk] = []
    for (place, disk) in try record.records("disks").enumerated() {
      let address = try disk.record("diskAddress").flatMap(address) ?? .init(bus: "SCSI", index: Int64(place))
      guard !disks.contains(where: { $0.address == address }) else {
        throw disk.wrong("diskAddress", "is \(address.names[0]), which another disk has too")
      }
      let id = try disk.text("extId")
      let backing = try disk.record("backingInfo")
      let inner = try backing?.text("diskExtId")
      let group = try backing?.text("volumeGroupExtId")
      let size = try backing?.integer("diskSizeBytes")
      if let group {
        draft.losses.append(
          Loss(
            property: "Volume group at \(address.names[0])", value: group, why: "Its disks are no part of the machine"))
        continue
      }
      disks.append(.init(address: address, identifiers: [id, inner].compactMap(\.self), sizeBytes: size))
    }
    guard !disks.isEmpty else { return }
    NutanixDialect.place(disks, boot: boot, into: &draft)
  }

  private static func readNICs(_ record: JSONRecord, _ library: JSONLibrary, _ draft: inout MachineDraft)
    throws(JSONFault)
  {
    for nic in try record.records("nics") {
      // Version 4.2 renamed both; its names win where both are there.
      let backing = try nic.record("nicBackingInfo", "backingInfo")
      let info = try nic.record("nicNetworkInfo", "networkInfo")
      let id = try info?.record("subnet")?.text("extId")
      var addresses: [String] = []
      if let configuration = try info?.record("ipv4Config") {
        let all = [try configuration.record("ipAddress")] + (try configuration.records("secondaryIpAddressList"))
        for address in all.compactMap(\.self) {
          guard let value = try address.text("value") else { continue }
          let length = try address.integer("prefixLength")
          addresses.append(length.map { $0 < 32 ? "\(value)/\($0)" : value } ?? value)
        }
        configuration.pass("shouldAssignIp")
      }
      for learned in try info?.record("ipv4Info")?.records("learnedIpAddresses") ?? [] {
        if let value = try learned.text("value"), !addresses.contains(where: { $0.hasPrefix(value) }) {
          addresses.append(value)
        }
        learned.pass("prefixLength")
      }
      let model = NutanixDialect.model(try backing?.text("model"))
      let mac = DraftTools.mac(try backing?.text("macAddress"), &draft.findings)
      let connected = try backing?.flag("isConnected") ?? true
      nic.pass("extId")
      draft.nics.append(
        .init(
          index: draft.nics.count, model: model, mac: mac, network: NutanixDialect.subnet(id, library),
          addresses: addresses, connected: connected))
    }
  }
}
