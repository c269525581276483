import ConnectorProtocol
import Foundation

/// The disks of a CloudStack machine: its volumes, wherever the documents tell of them.
enum CloudStackDisks {
  struct Machine {
    var id: String?
    var names: [String]
  }

  static func read(
    _ machine: Machine, _ details: CloudStackDetails, library: JSONLibrary, record: JSONRecord,
    into draft: inout MachineDraft
  ) throws(JSONFault) {
    let root = details["rootDiskController"] ?? details["rootdiskcontroller"]
    let data = details["dataDiskController"] ?? details["datadiskcontroller"]
    var volumes = try listed(machine, library, &draft.losses)
    if volumes.isEmpty { volumes = try backedUp(machine, library) }
    guard !volumes.isEmpty else { return }
    volumes.sort { ($0.isRoot ? 0 : 1, $0.unit ?? .max) < ($1.isRoot ? 0 : 1, $1.unit ?? .max) }
    var used: Set<Int64> = []
    var disks: [DiskDraft] = []
    for volume in volumes {
      var disk = DiskDraft(label: volume.name, identifiers: volume.identifiers, sizeBytes: volume.sizeBytes)
      disk.boot = volume.isRoot
      disk.copies = copies(of: volume, library)
      disk.identifiers = disk.copies.keys.sorted() + disk.identifiers
      if let unit = volume.unit {
        guard used.insert(unit).inserted else {
          throw JSONFault(path: "volume \(volume.name)", reason: "has the device \(unit), which another volume has too")
        }
        disk.unit = Int(exactly: unit)
      }
      if let bus = bus(volume.isRoot ? root : data ?? root) { disk.controller = draft.controller("\(bus)0", bus: bus) }
      disks.append(disk)
    }
    draft.disks = disks
  }

  private struct Volume {
    var name: String
    var identifiers: [String]
    var isRoot: Bool
    var unit: Int64?
    var sizeBytes: Int64?
    var id: String?
  }

  /// What `listVolumes` says.
  private static func listed(_ machine: Machine, _ library: JSONLibrary, _ losses: inout [Loss]) throws(JSONFault)
    -> [Volume]
  {
    let places = library.objects { members in
      members["type"]?.text.map { ["ROOT", "DATADISK"].contains($0) } ?? false && members["id"] != nil
        && (members["virtualmachineid"] ?? members["vmname"] ?? members["deviceid"]) != nil
    }
    // Told once where several documents tell of it.
    var seen: Set<String> = []
    var volumes: [Volume] = []
    for place in places where isOf(machine, place) {
      guard seen.insert(place["id"] ?? "").inserted else { continue }
      let record = place.record
      let id = try record.text("id")
      let name = try record.text("name") ?? id ?? "volume"
      let path = try record.text("path")
      let type = try record.text("type")
      let unit = try record.integer("deviceid")
      volumes.append(
        Volume(
          name: MachineDraft.clean(name, or: "volume"), identifiers: [path, id, name].compactMap(\.self),
          isRoot: type == "ROOT", unit: unit.flatMap { $0 >= 0 ? $0 : nil }, sizeBytes: try record.integer("size"),
          id: id))
      record.pass("virtualmachineid", "vmname", "vmdisplayname", "vmstate", "virtualsize", "physicalsize", "hypervisor")
      losses += record.losses(why: DraftTools.why).map { loss in
        Loss(property: "volume \(name.prefix(80)): \(loss.property)", value: loss.value, why: loss.why)
      }
    }
    return volumes
  }

  private static func isOf(_ machine: Machine, _ place: JSONLibrary.Place) -> Bool {
    if let owner = place["virtualmachineid"] { return owner == machine.id }
    if let owner = place["vmname"] { return machine.names.contains(owner) }
    // A volume that names no machine beside the only one there is.
    return true
  }

  /// What `listBackups` says, whose volumes are JSON within a text.
  private static func backedUp(_ machine: Machine, _ library: JSONLibrary) throws(JSONFault) -> [Volume] {
    let backups = library.objects { members in members["externalid"] != nil && members["volumes"] != nil }
    var volumes: [Volume] = []
    for backup in backups where backup["virtualmachineid"] == nil || backup["virtualmachineid"] == machine.id {
      guard let text = backup["volumes"], let node = try? JSONParser.parse(Array(text.utf8)) else { continue }
      let inner = JSONLibrary(documents: [.init(name: backup.document, root: node)])
      for place in inner.objects({ $0["uuid"] != nil }) {
        let record = place.record
        let id = try record.text("uuid")
        guard let id, !volumes.contains(where: { $0.id == id }) else { continue }
        let path = try record.text("path")
        let isRoot = try record.text("type", "volumeType")?.uppercased() == "ROOT"
        volumes.append(
          Volume(
            name: isRoot ? "ROOT" : "DATADISK \(volumes.count)", identifiers: [path, id].compactMap(\.self),
            isRoot: isRoot, sizeBytes: try record.integer("size"), id: id))
      }
    }
    return volumes
  }

  /// What `listSnapshots` knows of a volume.
  private static func copies(of volume: Volume, _ library: JSONLibrary) -> [String: DiskDraft.Copy] {
    guard let id = volume.id else { return [:] }
    var copies: [String: DiskDraft.Copy] = [:]
    for place in library.objects({ $0["volumeid"] != nil && $0["id"] != nil }) where place["volumeid"] == id {
      guard let snapshot = place["id"] else { continue }
      copies[snapshot] = .init(name: place["name"], takenAt: DraftTools.date(place["created"]))
    }
    return copies
  }

  private static func bus(_ word: String?) -> String? {
    switch word?.lowercased() {
    case nil: nil
    case "virtio": "virtio-blk"
    case "scsi", "virtio-scsi", "osdefault-scsi": "virtio-scsi"
    case "ide", "sata", "nvme": word?.lowercased()
    case "pvscsi": "pvscsi"
    case "lsilogic": "lsi-logic"
    case "lsisas1068", "lsilogicsas": "lsi-sas"
    case "buslogic": "buslogic"
    default: nil
    }
  }
}
