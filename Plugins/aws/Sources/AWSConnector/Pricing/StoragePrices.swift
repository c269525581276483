/// What disks, snapshots and the ways to them cost, in US dollars: as AWS has told, else as built in.
struct StoragePrices: Hashable, Sendable {
  /// A month of a GiB.
  var space: [VolumeType: Double] = [:]
  /// A month of one of the IOPS that are asked for.
  var iops: [VolumeType: Double] = [:]
  var throughputTold: Double?
  var snapshotTold: Double?
  var blockTold: Double?
  var bucketTold: Double?
  var partTold: Double?
  /// Those that were asked for.
  var types: Set<VolumeType> = []

  /// A month of a MiB a second beyond what a gp3 volume has anyway.
  var throughput: Double { throughputTold ?? PriceTable.throughput }
  /// A month of a GiB.
  var snapshot: Double { snapshotTold ?? PriceTable.snapshotMonth }
  /// A block that is written.
  var block: Double { blockTold ?? PriceTable.block }
  /// A month of a GiB in a bucket.
  var bucket: Double { bucketTold ?? PriceTable.bucketMonth }
  /// A part that is written to a bucket.
  var part: Double { partTold ?? PriceTable.part }

  /// True where AWS has told all of them.
  var isWhole: Bool {
    !types.isEmpty && types.allSatisfy { space[$0] != nil && (PriceTable.iops[$0] == nil || iops[$0] != nil) }
      && ![throughputTold, snapshotTold, blockTold, bucketTold, partTold].contains(nil)
  }

  /// A month of a volume: space, and the IOPS and throughput beyond what is included.
  func month(_ disk: MachinePlan.Disk) -> Double {
    var sum = (space[disk.type] ?? PriceTable.space[disk.type] ?? 0.1) * Double(disk.gibibytes)
    let one = iops[disk.type] ?? PriceTable.iops[disk.type] ?? 0
    if disk.type == .gp3 {
      sum += Double(max(0, (disk.iops ?? 3000) - 3000)) * one
      sum += Double(max(0, (disk.throughput ?? 125) - 125)) * throughput
    } else if disk.type.needsIOPS {
      sum += Double(disk.iops ?? 0) * one
    }
    return sum
  }
}
