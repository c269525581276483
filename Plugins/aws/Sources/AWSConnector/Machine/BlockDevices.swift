/// The volumes of an instance, as parameters of the calls that name them.
enum BlockDevices {
  /// `BlockDeviceMapping.N`, the root first.
  static func parameters(_ disks: [MachinePlan.Disk], _ snapshots: [Int: String]) -> [(String, String)] {
    let ordered = disks.filter(\.boot) + disks.filter { !$0.boot }
    return ordered.enumerated().flatMap { place, disk in
      let prefix = "BlockDeviceMapping.\(place + 1)"
      var parameters = [("\(prefix).DeviceName", disk.device), ("\(prefix).Ebs.DeleteOnTermination", "true")]
      parameters += volume(disk).map { ("\(prefix).Ebs.\($0.0)", $0.1) }
      // Encryption is the snapshot's own: it must not be said again.
      if let snapshot = snapshots[disk.index] { parameters.append(("\(prefix).Ebs.SnapshotId", snapshot)) }
      return parameters
    }
  }

  /// The same of the boot disk alone, whose snapshot the image brings along, under the image's name for it.
  static func root(_ plan: MachinePlan, at device: String) -> [(String, String)] {
    guard var root = plan.root else { return [] }
    root.device = device
    return parameters([root], [:])
  }

  /// What CreateVolume says of a volume, by its own names.
  static func creation(_ disk: MachinePlan.Disk) -> [(String, String)] {
    volume(disk).map { ($0.0 == "VolumeSize" ? "Size" : $0.0, $0.1) }
  }

  private static func volume(_ disk: MachinePlan.Disk) -> [(String, String)] {
    var members = [("VolumeSize", String(disk.gibibytes)), ("VolumeType", disk.type.rawValue)]
    if let iops = disk.iops { members.append(("Iops", String(iops))) }
    if let throughput = disk.throughput { members.append(("Throughput", String(throughput))) }
    return members
  }
}
