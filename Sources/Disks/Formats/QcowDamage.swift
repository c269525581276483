import Support

/// Where the tables of a qcow2 image say that the guest's clusters are, checked against the file's length.
///
/// qemu takes what lies behind the end of the file for zeros and says nothing of it. Its own check counts references, and
/// cannot be asked of an image that was not closed, whose counts may be stale; where clusters are is in order at any
/// moment, since a table is written after what it points to. The format is that of `docs/interop/qcow2.rst` of QEMU.
enum QcowDamage {
  /// Bit 0 of the incompatible features: it was not closed.
  private static let dirtyBit: UInt64 = 1
  /// Bit 4 of them: entries are of 16 bytes, for 32 parts of a cluster.
  private static let extendedBit: UInt64 = 1 << 4
  private static let placeMask: UInt64 = 0x00ff_ffff_ffff_fe00
  /// qemu's own limit of the first table, 32 MiB.
  private static let mostTables = 4 << 20
  private static let entriesAtOnce = 8192
  private static let parts = 32

  private struct Layout {
    var clusterBits: UInt32
    var isExtended: Bool
    var hasZeroFlag: Bool
    var bytes: Int64

    var cluster: Int64 { 1 << Int64(clusterBits) }
    var entryBytes: Int { isExtended ? 16 : 8 }
  }

  /// Whether the image was not closed.
  static func isDirty(_ window: FileWindow) throws(AscendError) -> Bool {
    let header = try window.read(at: 0, count: 80)
    guard header.starts(with: QcowHeader.magic), header.integer(UInt32.self, at: 4, bigEndian: true) == 3 else {
      return false
    }
    return (header.integer(UInt64.self, at: 72, bigEndian: true) ?? 0) & dirtyBit != 0
  }

  /// What is wrong with where its entries point, in words, or nil; nil too for a file that is no qcow2 image.
  ///
  /// Reads the tables in use, which are at most as long as the file.
  static func find(_ window: FileWindow) throws(AscendError) -> String? {
    let header = try window.read(at: 0, count: 80)
    guard header.starts(with: QcowHeader.magic),
      let version = header.integer(UInt32.self, at: 4, bigEndian: true),
      let clusterBits = header.integer(UInt32.self, at: 20, bigEndian: true),
      let count = header.integer(UInt32.self, at: 36, bigEndian: true),
      let first = header.integer(UInt64.self, at: 40, bigEndian: true)
    else { return nil }
    guard (9...21).contains(clusterBits) else { return "its clusters have 2^\(clusterBits) bytes" }
    guard count <= mostTables else { return "its first table has \(count) entries" }
    let features = version >= 3 ? header.integer(UInt64.self, at: 72, bigEndian: true) ?? 0 : 0
    let layout = Layout(
      clusterBits: clusterBits, isExtended: features & extendedBit != 0, hasZeroFlag: version >= 3,
      bytes: window.length)
    guard first <= UInt64(window.length), UInt64(count) * 8 <= UInt64(window.length) - first else {
      return "its first table lies behind its end"
    }
    var read: Int64 = 0
    for start in stride(from: 0, to: Int(count), by: entriesAtOnce) {
      let now = min(entriesAtOnce, Int(count) - start)
      let bytes = try window.read(at: Int64(first) + Int64(start) * 8, count: now * 8)
      guard bytes.count == now * 8 else { return "its first table is cut short" }
      for index in 0..<now {
        let place = (bytes.integer(UInt64.self, at: index * 8, bigEndian: true) ?? 0) & placeMask
        guard place != 0 else { continue }
        guard place <= UInt64(layout.bytes), layout.cluster <= layout.bytes - Int64(place) else {
          return "table \(start + index) of its clusters lies behind its end, at \(place)"
        }
        // Else a small file could have us look at one table for hours.
        read += layout.cluster
        guard read <= layout.bytes else { return "the tables of its clusters share their places" }
        let table = try window.read(at: Int64(place), count: Int(layout.cluster))
        if let damage = damage(table, number: start + index, layout) { return damage }
      }
    }
    return nil
  }

  private static func damage(_ table: [UInt8], number: Int, _ layout: Layout) -> String? {
    table.withUnsafeBytes { table in
      let entries = table.count / layout.entryBytes
      for index in 0..<entries {
        let entry = UInt64(bigEndian: table.loadUnaligned(fromByteOffset: index * layout.entryBytes, as: UInt64.self))
        guard entry != 0 else { continue }
        let parts =
          layout.isExtended
          ? UInt64(bigEndian: table.loadUnaligned(fromByteOffset: index * 16 + 8, as: UInt64.self)) : 0
        guard let end = end(of: entry, parts: parts, layout), end > UInt64(layout.bytes) else { continue }
        let cluster = (UInt64(number) * UInt64(entries) + UInt64(index)) << UInt64(layout.clusterBits)
        return "what is at \(cluster) of the disk lies behind its end, up to \(end)"
      }
      return nil
    }
  }

  /// Where in the file the data of an entry ends; nil where it has none there.
  private static func end(of entry: UInt64, parts: UInt64, _ layout: Layout) -> UInt64? {
    if entry & 1 << 62 != 0 {
      // Compressed: the place has as many bits as the number of sectors leaves. The last sector may be shorter.
      let placeBits = UInt64(62 - (layout.clusterBits - 8))
      let place = entry & ((1 << placeBits) - 1)
      let more = entry >> placeBits & ((1 << UInt64(layout.clusterBits - 8)) - 1)
      let lastSector = (place / 512 + more) * 512
      return max(place, lastSector) + 1
    }
    let place = entry & placeMask
    guard place != 0 else { return nil }
    if layout.isExtended {
      // The lower half says which parts have data here.
      let used = UInt32(truncatingIfNeeded: parts)
      guard used != 0 else { return nil }
      let last = UInt64(self.parts - used.leadingZeroBitCount)
      return place + last * (UInt64(layout.cluster) / UInt64(self.parts))
    }
    // Reads as zeros, whatever is there.
    if layout.hasZeroFlag, entry & 1 != 0 { return nil }
    return place + UInt64(layout.cluster)
  }
}
