import Support

/// The grain directory and the grain tables of a VMDK extent that holds its own data.
///
/// qemu takes a table beyond the file's end for one of zeros, and the missing end of a grain too, and says nothing of
/// either.
enum VMDKTables {
  /// Where a directory is and what it covers.
  private struct Layout {
    var capacity: UInt64
    /// In sectors.
    var grain: UInt64
    var perTable: UInt64
    var directory: UInt64
    /// Whether a grain takes as many sectors in the file as on the disk.
    var isPlain: Bool
    /// Entries below it are no places.
    var firstPlace: UInt32

    var entries: UInt64 {
      let covered = grain * perTable
      return capacity / covered + (capacity % covered == 0 ? 0 : 1)
    }
  }

  private static let entriesAtOnce = 16384
  private static let mostEntries: UInt64 = 1 << 27

  /// What is wrong with where its entries point, or nil; nil too for an extent that has no such tables.
  ///
  /// - Throws: `disk.unreadable`, and of a SESPARSE extent what reading its header throws.
  static func damage(_ window: FileWindow) throws(AscendError) -> String? {
    let header = try window.read(at: 0, count: 512)
    if SESparseHeader.isPresent(in: header) { return try SESparseTables.damage(window) }
    if header.starts(with: "COWD") { return try oldDamage(window, header) }
    guard header.starts(with: "KDMV"),
      let flags = header.integer(UInt32.self, at: 8, bigEndian: false),
      let capacity = header.integer(UInt64.self, at: 12, bigEndian: false),
      let grain = header.integer(UInt64.self, at: 20, bigEndian: false),
      let perTable = header.integer(UInt32.self, at: 44, bigEndian: false),
      let spare = header.integer(UInt64.self, at: 48, bigEndian: false),
      var directory = header.integer(UInt64.self, at: 56, bigEndian: false)
    else { return nil }
    guard grain > 0, grain <= 1 << 16, perTable > 0, perTable <= 1 << 16 else {
      return "its grains have \(grain) sectors, \(perTable) of them to a table"
    }
    if directory == .max {
      // A stream says it in its footer, before the marker of its end.
      let footer = try window.read(at: window.length - 1024, count: 512)
      guard footer.starts(with: "KDMV"), let found = footer.integer(UInt64.self, at: 56, bigEndian: false) else {
        return "it has no footer"
      }
      directory = found
    }
    // Bit 1: readers may use the second directory; bit 2: an entry of 1 is a grain of zeros; bit 16: compressed.
    for place in [directory] + (flags & 2 != 0 && spare > 0 ? [spare] : []) {
      let layout = Layout(
        capacity: capacity, grain: grain, perTable: UInt64(perTable), directory: place, isPlain: flags & 1 << 16 == 0,
        firstPlace: flags & 4 == 0 ? 1 : 2)
      if let damage = try damage(window, layout) { return damage }
    }
    return nil
  }

  /// Of a snapshot's delta as ESXi writes it on older file systems (VMFSSPARSE).
  private static func oldDamage(_ window: FileWindow, _ header: [UInt8]) throws(AscendError) -> String? {
    let numbers = [12, 16, 20, 24].compactMap { header.integer(UInt32.self, at: $0, bigEndian: false).map(UInt64.init) }
    guard numbers.count == 4, numbers[1] > 0, numbers[1] <= 1 << 16 else { return "its header is not valid" }
    let layout = Layout(
      capacity: numbers[0], grain: numbers[1], perTable: 4096, directory: numbers[2], isPlain: true, firstPlace: 1)
    guard layout.entries <= numbers[3] else { return "its directory is too short for its size" }
    return try damage(window, layout)
  }

  private static func damage(_ window: FileWindow, _ layout: Layout) throws(AscendError) -> String? {
    guard layout.entries <= mostEntries else { return "its directory has \(layout.entries) entries" }
    guard layout.directory > 0, layout.directory < UInt64(window.length / 512) else {
      return "its directory lies behind its end"
    }
    let count = Int(layout.entries)
    let tableBytes = Int(layout.perTable) * 4
    var tables: Int64 = 0
    for first in stride(from: 0, to: count, by: entriesAtOnce) {
      let now = min(entriesAtOnce, count - first)
      let bytes = try window.read(at: Int64(layout.directory) * 512 + Int64(first) * 4, count: now * 4)
      guard bytes.count == now * 4 else { return "its directory is cut short" }
      for index in 0..<now {
        guard let sector = bytes.integer(UInt32.self, at: index * 4, bigEndian: false), sector != 0 else { continue }
        let table = try window.read(at: Int64(sector) * 512, count: tableBytes)
        guard table.count == tableBytes else {
          return "table \(first + index) of its grains lies behind its end, at sector \(sector)"
        }
        // Else a small file could have us look at one table for hours.
        tables += 1
        guard tables * Int64(tableBytes) <= window.length else { return "the tables of its grains share their places" }
        if let damage = damage(table, number: UInt64(first + index), layout, bytes: window.length) { return damage }
      }
    }
    return nil
  }

  private static func damage(_ table: [UInt8], number: UInt64, _ layout: Layout, bytes: Int64) -> String? {
    let sectors = UInt64(bytes + 511) / 512
    return table.withUnsafeBytes { table in
      for index in 0..<Int(layout.perTable) {
        let entry = UInt32(littleEndian: table.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        guard entry >= layout.firstPlace else { continue }
        let place = (number * layout.perTable + UInt64(index)) * layout.grain
        guard place < layout.capacity else { break }
        let wanted = layout.isPlain ? min(layout.grain, layout.capacity - place) : 1
        guard UInt64(entry) <= sectors, wanted <= sectors - UInt64(entry) else {
          return "the grain of sector \(place) lies behind its end, at sector \(entry)"
        }
      }
      return nil
    }
  }
}
