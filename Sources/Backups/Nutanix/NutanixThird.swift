import ConnectorProtocol
import Foundation

/// A machine of version 3: `spec` is what was asked for, `status` what came of it.
enum NutanixThird {
  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    let record = machine.place.record
    let metadata = try record.record("metadata")
    let id = try metadata?.text("uuid")
    // What both say alike is read from the first; the other only repeats it.
    let hasSpec = machine.place.members["spec"]?["resources"]?.members != nil
    let side = try record.record(hasSpec ? "spec" : "status")
    record.pass("api_version", "spec", "status", "name")
    guard let side, let resources = try side.record("resources") else {
      throw record.wrong("spec", "has no resources")
    }
    let name = try side.text("name")
    var draft = MachineDraft(
      name: MachineDraft.clean(name, or: id ?? "machine"), platform: NutanixDialect.platform, kind: .nutanix)
    draft.notes = try side.text("description")
    draft.identity.uuid = id?.lowercased()
    draft.identity.source = ["uuid": id].compactMapValues(\.self)
    draft.tags = try metadata?.pairs("categories") ?? [:]
    metadata?.pass(
      "kind", "uuid", "spec_version", "spec_hash", "entity_version", "creation_time", "last_update_time",
      "categories_mapping", "use_categories_mapping")
    draft.cpu = try NutanixDialect.cpu(
      sockets: resources.count("num_sockets", in: DraftTools.counts),
      cores: resources.count("num_vcpus_per_socket", in: DraftTools.counts),
      threads: resources.count("num_threads_per_core", in: 1...64), resources)
    draft.memoryBytes = try DraftTools.memory(resources, "memory_size_mib", unit: 1 << 20)
    if let guest = try resources.text("guest_os_id") {
      draft.guest = .init(family: GuestWords.family(guest), name: guest, sourceID: guest)
    }
    resources.pass("power_state")
    let boot = try readBoot(resources, &draft)
    try readDisks(resources, boot: boot, &draft)
    try readNICs(resources, library, &draft)
    draft.losses += record.losses(why: DraftTools.why)
    return draft
  }

  private static func readBoot(_ resources: JSONRecord, _ draft: inout MachineDraft) throws(JSONFault)
    -> NutanixDialect.Address?
  {
    let tpm = try resources.record("vtpm_config")?.flag("vtpm_enabled") ?? false
    let boot = try resources.record("boot_config")
    let type = try boot?.text("boot_type")?.uppercased()
    // No word of it is the platform's own default.
    draft.firmware = .init(
      type: type == "UEFI" || type == "SECURE_BOOT" ? .uefi : .bios, secureBoot: type == "SECURE_BOOT", tpm: tpm)
    boot?.pass("boot_device_order_list")
    return try boot?.record("boot_device")?.record("disk_address").flatMap(address)
  }

  private static func address(_ record: JSONRecord) throws(JSONFault) -> NutanixDialect.Address? {
    guard let bus = try record.text("adapter_type") else { return nil }
    return .init(bus: bus.uppercased(), index: try record.count("device_index", in: 0...255) ?? 0)
  }

  private static func readDisks(
    _ resources: JSONRecord, boot: NutanixDialect.Address?, _ draft: inout MachineDraft
  ) throws(JSONFault) {
    var disks: [NutanixDialect.Disk] = []
    for (place, disk) in try resources.records("disk_list").enumerated() {
      let properties = try disk.record("device_properties")
      let kind = try properties?.text("device_type") ?? "DISK"
      let address = try properties?.record("disk_address").flatMap(address) ?? .init(bus: "SCSI", index: Int64(place))
      guard kind.uppercased() != "CDROM" else {
        draft.losses.append(Loss(property: "CD drive \(address.names[0])", why: OVFLosses.onlyDisks))
        disk.pass("uuid", "disk_size_bytes", "disk_size_mib", "data_source_reference")
        continue
      }
      guard !disks.contains(where: { $0.address == address }) else {
        throw disk.wrong("device_properties", "has the address \(address.names[0]), which another disk has too")
      }
      let id = try disk.text("uuid")
      let mebibytes = try disk.integer("disk_size_mib")
      let size = try disk.integer("disk_size_bytes") ?? DraftTools.bytes(mebibytes, times: 1 << 20)
      disks.append(.init(address: address, identifiers: [id].compactMap(\.self), sizeBytes: size))
    }
    guard !disks.isEmpty else { return }
    NutanixDialect.place(disks, boot: boot, into: &draft)
  }

  private static func readNICs(_ resources: JSONRecord, _ library: JSONLibrary, _ draft: inout MachineDraft)
    throws(JSONFault)
  {
    for nic in try resources.records("nic_list") {
      let subnet = try nic.record("subnet_reference")
      let id = try subnet?.text("uuid")
      let name = try subnet?.text("name")
      subnet?.pass("kind")
      var addresses: [String] = []
      for endpoint in try nic.records("ip_endpoint_list") {
        if let address = try endpoint.text("ip"), !addresses.contains(address) { addresses.append(address) }
        endpoint.pass("type", "ip_type", "prefix_length", "gateway_address_list")
      }
      let model = NutanixDialect.model(try nic.text("model"))
      let mac = DraftTools.mac(try nic.text("mac_address"), &draft.findings)
      let connected = try nic.flag("is_connected") ?? true
      nic.pass("uuid")
      draft.nics.append(
        .init(
          index: draft.nics.count, model: model, mac: mac, network: name ?? NutanixDialect.subnet(id, library),
          addresses: addresses, connected: connected))
    }
  }
}
