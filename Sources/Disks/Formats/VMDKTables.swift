import Support

/// The grain directory of a VMDK that holds its own data.
enum VMDKTables {
  private static let entriesAtOnce = 16384
  private static let mostEntries: UInt64 = 1 << 27

  /// What is wrong with where its entries point, or nil. qemu takes a table beyond the file's end for one of zeros, and
  /// says nothing of it.
  ///
  /// - Throws: `disk.unreadable`.
  static func damage(_ window: FileWindow) throws(AscendError) -> String? {
    let header = try window.read(at: 0, count: 512)
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
    let covered = grain * UInt64(perTable)
    let count = capacity / covered + (capacity % covered == 0 ? 0 : 1)
    guard count <= mostEntries else { return "its directory has \(count) entries" }
    // Bit 1: readers may use the second directory.
    for place in [directory] + (flags & 2 != 0 && spare > 0 ? [spare] : []) {
      if let damage = try damage(window, directory: place, count: Int(count), tableBytes: Int64(perTable) * 4) {
        return damage
      }
    }
    return nil
  }

  private static func damage(
    _ window: FileWindow, directory: UInt64, count: Int, tableBytes: Int64
  ) throws(AscendError) -> String? {
    let sectors = UInt64(window.length / 512)
    guard directory < sectors else { return "its directory lies behind its end" }
    for first in stride(from: 0, to: count, by: entriesAtOnce) {
      let now = min(entriesAtOnce, count - first)
      let bytes = try window.read(at: Int64(directory) * 512 + Int64(first) * 4, count: now * 4)
      guard bytes.count == now * 4 else { return "its directory is cut short" }
      for index in 0..<now {
        guard let sector = bytes.integer(UInt32.self, at: index * 4, bigEndian: false), sector != 0 else { continue }
        guard Int64(sector) * 512 + tableBytes <= window.length else {
          return "table \(first + index) of its grains lies behind its end, at sector \(sector)"
        }
      }
    }
    return nil
  }
}
