/// Time and bytes of a plan, from the paths of its disks.
struct Estimator {
  let throughput: Throughput

  func estimate(_ disks: [RestorePlan.PlannedDisk]) -> RestorePlan.Estimate {
    let moved = disks.reduce(Int64(0)) { $0 + Self.moved($1) }
    let staged = disks.reduce(Int64(0)) { $0 + ($1.path.cost?.bytesStaged ?? 0) }
    let local = disks.reduce(0.0) { $0 + ($1.path.cost?.seconds ?? 0) }
    let rate = throughput.platformBytesPerSecond
    return RestorePlan.Estimate(
      secondsLow: local + Double(moved) / rate.upperBound + throughput.startSeconds.lowerBound,
      secondsHigh: local + Double(moved) / rate.lowerBound + throughput.startSeconds.upperBound, bytesToMove: moved,
      stagingBytes: staged)
  }

  /// What the last step of the path reads is what goes to the platform.
  private static func moved(_ disk: RestorePlan.PlannedDisk) -> Int64 {
    disk.path.chosen.last?.bytesRead ?? 0
  }
}
