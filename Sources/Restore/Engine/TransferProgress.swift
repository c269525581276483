/// The progress of several disks that move at once: bytes, pace and time left. A value: the clock is the caller's.
struct TransferProgress: Sendable {
  private struct Disk {
    var done: Int64
    var total: Int64
  }

  private var disks: [Int: Disk] = [:]
  private var samples: [(seconds: Double, bytes: Int64)] = []
  /// The pace is that of the last so many seconds: long enough to be steady, short enough to follow a slow-down.
  private let window = 15.0

  /// - Parameter totals: Bytes to pass for each disk, by its index.
  init(totals: [Int: Int64]) {
    for (index, total) in totals { disks[index] = Disk(done: 0, total: total) }
  }

  var done: Int64 { disks.values.reduce(0) { $0 + min($1.done, $1.total) } }
  var total: Int64 { disks.values.reduce(0) { $0 + $1.total } }
  var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }

  /// Notes how far a disk is at a point in time; what would go back is ignored.
  mutating func update(disk index: Int, done: Int64, total: Int64?, at seconds: Double) {
    var disk = disks[index] ?? Disk(done: 0, total: total ?? done)
    if let total, total > 0 { disk.total = total }
    disk.done = max(disk.done, done)
    disks[index] = disk
    samples.append((seconds, self.done))
    while let first = samples.first, samples.count > 2, seconds - first.seconds > window { samples.removeFirst() }
  }

  /// Nil until there is something to tell a pace from.
  var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.seconds - first.seconds >= 0.5 else { return nil }
    return Double(last.bytes - first.bytes) / (last.seconds - first.seconds)
  }

  var secondsLeft: Double? {
    guard let pace = bytesPerSecond, pace > 0 else { return nil }
    return Double(total - done) / pace
  }
}
