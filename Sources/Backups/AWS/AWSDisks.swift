import ConnectorProtocol
import Foundation

/// The disks of an instance: its block device mappings, in the order root first, then by device name.
enum AWSDisks {
  static func read(_ record: JSONRecord, _ library: JSONLibrary, bus: String?, into draft: inout MachineDraft)
    throws(JSONFault)
  {
    let root = try record.text("RootDeviceName")
    record.pass("RootDeviceType")
    var disks: [DiskDraft] = []
    var devices: Set<String> = []
    for mapping in try record.records("BlockDeviceMappings") {
      guard let device = try mapping.text("DeviceName") else {
        throw mapping.wrong("DeviceName", "is missing")
      }
      guard devices.insert(device).inserted else {
        throw mapping.wrong("DeviceName", "is \(device.prefix(60)), which another disk has too")
      }
      let ebs = try mapping.record("Ebs")
      let volume = try ebs?.text("VolumeId")
      ebs?.pass("AttachTime", "Status", "DeleteOnTermination")
      var disk = DiskDraft(label: MachineDraft.clean(device, or: "disk"), identifiers: [])
      disk.boot = device == root
      if let volume { try describe(volume, library, &disk, &draft) }
      let short = device.hasPrefix("/dev/") ? String(device.dropFirst(5)) : device
      disk.identifiers += [volume, volume?.replacing("vol-", with: "vol"), short].compactMap(\.self)
      if disk.boot { disk.identifiers.append("root") }
      if let bus { disk.controller = draft.controller("\(bus)0", bus: bus) }
      disks.append(disk)
    }
    guard !disks.isEmpty else { return }
    disks.sort { ($0.boot ? 0 : 1, $0.label) < ($1.boot ? 0 : 1, $1.label) }
    draft.disks = disks
  }

  /// What `describe-volumes` and `describe-snapshots` say of a volume.
  private static func describe(
    _ volume: String, _ library: JSONLibrary, _ disk: inout DiskDraft, _ draft: inout MachineDraft
  ) throws(JSONFault) {
    let snapshots = library.objects { $0["SnapshotId"] != nil && $0["VolumeId"] != nil && $0["StartTime"] != nil }
    for place in snapshots where place["VolumeId"] == volume {
      guard let id = place["SnapshotId"] else { continue }
      let name = AWSDialect.tagged(place.members["Tags"])
      let copy = DiskDraft.Copy(name: name ?? place["Description"], takenAt: DraftTools.date(place["StartTime"]))
      disk.copies[id] = copy
      disk.identifiers.append(id)
      if let name {
        disk.copies[name] = copy
        disk.identifiers.append(name)
      }
    }
    let volumes = library.objects { $0["VolumeId"] != nil && $0["VolumeType"] != nil }
    guard let record = volumes.first(where: { $0["VolumeId"] == volume })?.record else { return }
    record.pass("VolumeId", "Attachments", "State", "CreateTime", "AvailabilityZone", "AvailabilityZoneId")
    disk.sizeBytes = DraftTools.bytes(try record.integer("Size"), times: 1 << 30)
    if let origin = try record.text("SnapshotId") { disk.identifiers.append(origin) }
    draft.losses += record.losses(why: DraftTools.why).map { loss in
      Loss(property: "\(disk.label): \(loss.property)", value: loss.value, why: loss.why)
    }
  }
}
