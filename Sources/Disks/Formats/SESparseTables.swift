import Support

/// The directory and the tables of a SESPARSE delta.
enum SESparseTables {
  private static let entriesAtOnce: UInt64 = 16384
  /// What qemu's reader can count.
  private static let lastTableSector: UInt64 = 0xffff_ffff

  /// What is wrong with where its entries point, or nil. qemu reads the parent in place of whatever it cannot follow, and
  /// says nothing of it: each entry is looked at.
  ///
  /// - Throws: what reading the header throws, `disk.unreadable`.
  static func damage(_ window: FileWindow) throws(AscendError) -> String? {
    let header = try SESparseHeader.read(window)
    var grains: UInt64 = 0
    var tables: UInt64 = 0
    for first in stride(from: 0, to: header.directoryEntries, by: Int(entriesAtOnce)) {
      let count = Int(min(entriesAtOnce, header.directoryEntries - first))
      let bytes = try window.read(at: Int64(header.directorySector * 512 + first * 8), count: count * 8)
      guard bytes.count == count * 8 else { return "its directory is cut short" }
      for index in 0..<count {
        guard let entry = bytes.integer(UInt64.self, at: index * 8, bigEndian: false), entry != 0 else { continue }
        let number = first + UInt64(index)
        guard entry >> 32 == 0x1000_0000 else { return "entry \(number) of its directory is of no known kind" }
        let sector = header.tablesSector + (entry & 0xffff_ffff) * SESparseHeader.tableSectors
        let table = try window.read(at: Int64(sector) * 512, count: Int(SESparseHeader.tableSectors) * 512)
        guard table.count == Int(SESparseHeader.tableSectors) * 512, sector <= lastTableSector else {
          return "table \(number) of its grains lies behind its end, at sector \(sector)"
        }
        // Else a small file could have us look at one table for hours.
        tables += 1
        guard tables * SESparseHeader.tableSectors <= UInt64(window.length / 512) else {
          return "the tables of its grains share their places"
        }
        if let damage = damage(window, header, table, number: number, &grains) { return damage }
      }
    }
    return nil
  }

  private static func damage(
    _ window: FileWindow, _ header: SESparseHeader, _ table: [UInt8], number: UInt64, _ grains: inout UInt64
  ) -> String? {
    let sectors = (UInt64(window.length) + 511) / 512
    let size = SESparseHeader.grainSectors
    return table.withUnsafeBytes { table in
      for index in 0..<Int(SESparseHeader.grainsPerTable) {
        let entry = UInt64(littleEndian: table.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        let place = number * SESparseHeader.coveredSectors + UInt64(index) * size
        guard entry != 0, place < header.capacitySectors else { continue }
        switch entry >> 60 {
        // What the guest discarded, and what it wrote zeros to.
        case 1, 2: continue
        case 3:
          // The grain's number: its lowest twelve bits stand above the others.
          let grain = entry >> 48 & 0xfff | (entry & 0xffff_ffff_ffff) << 12
          let start = header.grainsSector + grain * size
          guard start <= sectors, min(size, header.capacitySectors - place) <= sectors - start else {
            return "the grain of sector \(place) lies behind its end, at sector \(start)"
          }
          grains += 1
          guard grains * size <= sectors + size else { return "its grains share their places" }
        default: return "the entry of sector \(place) is of no known kind"
        }
      }
      return nil
    }
  }
}
