import Support

/// The tables of a qcow2, written one after the other while guest offsets ascend: memory for one of them, and for the
/// table of tables.
struct IndexTables {
  let file: IndexFile
  let topOffset: Int64
  private var next: Int64
  private var number: Int64 = -1
  private var table: [UInt8] = []
  private var top: [(number: Int64, offset: Int64)] = []

  init(file: IndexFile, topOffset: Int64, tableOffset: Int64) {
    self.file = file
    self.topOffset = topOffset
    next = tableOffset
  }

  /// Sets the entry of the cluster at `guest`.
  mutating func set(_ guest: Int64, _ cluster: UInt64, _ parts: UInt64) throws(AscendError) {
    let wanted = guest / DeltaIndex.tableBytes
    if wanted != number {
      try flush()
      number = wanted
      table = [UInt8](repeating: 0, count: Int(DeltaIndex.clusterBytes))
    }
    let at = Int(guest % DeltaIndex.tableBytes / DeltaIndex.clusterBytes) * 16
    for index in 0..<8 {
      table[at + index] = UInt8(truncatingIfNeeded: cluster >> UInt64(56 - 8 * index))
      table[at + 8 + index] = UInt8(truncatingIfNeeded: parts >> UInt64(56 - 8 * index))
    }
  }

  mutating func finish() throws(AscendError) {
    try flush()
    for entry in top {
      let value = UInt64(entry.offset) | 1 << 63
      try file.write(
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }, at: topOffset + entry.number * 8)
    }
  }

  private mutating func flush() throws(AscendError) {
    guard number >= 0 else { return }
    try file.write(table, at: next)
    top.append((number, next))
    next += DeltaIndex.clusterBytes
    number = -1
  }
}
