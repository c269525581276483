/// The volumes of an instance, as parameters of the calls that name them.
enum BlockDevices {
  /// `BlockDeviceMapping.N`, the root first.
  static func parameters(_ plan: MachinePlan, _ snapshots: [Int: String]) -> [(String, String)] {
    let disks = plan.disks.filter(\.boot) + plan.disks.filter { !$0.boot }
    return disks.enumerated().flatMap { place, disk in
      let prefix = "BlockDeviceMapping.\(place + 1)"
      var parameters = [
        ("\(prefix).DeviceName", disk.device), ("\(prefix).Ebs.VolumeSize", String(disk.gibibytes)),
        ("\(prefix).Ebs.VolumeType", disk.type.rawValue), ("\(prefix).Ebs.DeleteOnTermination", "true"),
      ]
      // Encryption is the snapshot's own: it must not be said again.
      if let snapshot = snapshots[disk.index] { parameters.append(("\(prefix).Ebs.SnapshotId", snapshot)) }
      if let iops = disk.iops { parameters.append(("\(prefix).Ebs.Iops", String(iops))) }
      if let throughput = disk.throughput { parameters.append(("\(prefix).Ebs.Throughput", String(throughput))) }
      return parameters
    }
  }
}
