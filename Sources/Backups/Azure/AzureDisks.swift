import ConnectorProtocol

/// The disks of an Azure machine: the system disk, then the others by their unit.
enum AzureDisks {
  static func read(_ body: JSONRecord, _ sidecars: AzureSidecars, into draft: inout MachineDraft) throws(JSONFault) {
    guard let storage = try body.record("storageProfile") else { return }
    let kind = try storage.text("diskControllerType")?.lowercased()
    let bus = kind?.contains("nvme") == true ? "nvme" : "vmbus"
    guard let system = try storage.record("osDisk") else {
      throw storage.wrong("osDisk", "is missing")
    }
    var osDisk = try disk(system, "OS disk", sidecars)
    osDisk.boot = true
    if let type = try system.text("osType") {
      draft.guest = .init(family: GuestWords.family(type), name: type)
    }
    // A machine of the first generation starts from IDE; its other disks are on the bus.
    let isFirst = sidecars.generation?.uppercased() == "V1"
    osDisk.controller = isFirst ? draft.controller("ide0", bus: "ide") : draft.controller("\(bus)0", bus: bus)
    osDisk.unit = 0
    var units: Set<Int64> = []
    var others: [(unit: Int64, disk: DiskDraft)] = []
    for data in try storage.records("dataDisks") {
      let unit = try data.count("lun", in: 0...1023) ?? Int64(others.count)
      guard units.insert(unit).inserted else { throw data.wrong("lun", "is \(unit), which another disk has too") }
      var disk = try disk(data, "data disk \(unit)", sidecars)
      disk.controller = draft.controller("\(bus)\(isFirst ? 0 : 1)", bus: bus)
      disk.unit = Int(unit)
      others.append((unit, disk))
    }
    draft.disks = [osDisk] + others.sorted { $0.unit < $1.unit }.map(\.disk)
  }

  private static func disk(_ record: JSONRecord, _ label: String, _ sidecars: AzureSidecars) throws(JSONFault)
    -> DiskDraft
  {
    let name = try record.text("name")
    let managed = try record.record("managedDisk")
    let id = try managed?.text("id")
    managed?.pass("resourceGroup")
    let file = try record.record("vhd")?.text("uri").map { DraftTools.last(String($0.prefix { $0 != "?" })) }
    let gigabytes = try record.integer("diskSizeGb", "diskSizeGB")
    record.pass("createOption", "toBeDetached", "deleteOption")
    var disk = DiskDraft(label: name.map { MachineDraft.clean($0, or: label) } ?? label, identifiers: [])
    let described = sidecars.disk(id: id, name: name)
    disk.sizeBytes =
      described?["diskSizeBytes"]?.text.flatMap { Int64($0) } ?? DraftTools.bytes(gigabytes, times: 1 << 30)
    for snapshot in sidecars.snapshots(of: id) {
      guard let name = snapshot["name"]?.text, !name.isEmpty else { continue }
      disk.copies[name] = .init(name: name, takenAt: DraftTools.date(snapshot["timeCreated"]?.text))
      disk.identifiers.append(name)
    }
    disk.identifiers += [name, file.map { stem($0) }, id.map(DraftTools.last), described?["uniqueId"]?.text]
      .compactMap(\.self)
    return disk
  }

  private static func stem(_ file: String) -> String {
    file.lowercased().hasSuffix(".vhd") ? String(file.dropLast(4)) : file
  }
}
