import Support

/// The headers of a snapshot's delta in the space-efficient format that vSphere writes on VMFS 6 (extents of type
/// SESPARSE, version 2.1).
///
/// VMware has not published the format. What is read is what qemu's reader takes; whatever else a header says is refused,
/// because nobody knows what it would mean.
struct SESparseHeader: Equatable {
  /// The disk's size.
  var capacitySectors: UInt64
  var directorySector: UInt64
  /// Entries of the directory that stand for some of the disk.
  var directoryEntries: UInt64
  var tablesSector: UInt64
  var grainsSector: UInt64

  /// A grain has 4 KiB, a table 4096 of them in entries of 8 bytes.
  static let grainSectors: UInt64 = 8
  static let grainsPerTable: UInt64 = 4096
  static let tableSectors: UInt64 = 64
  static let coveredSectors = grainSectors * grainsPerTable

  private static let magic: [UInt8] = [0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0]
  private static let volatileMagic: [UInt8] = [0xfe, 0xca, 0xfe, 0xca, 0, 0, 0, 0]
  private static let version: UInt64 = 0x2_0000_0001
  /// More the reader does not take.
  private static let mostDirectorySectors: UInt64 = (32 << 20) / 64

  static func isPresent(in head: [UInt8]) -> Bool { head.starts(with: magic) }

  /// - Throws: `disk.malformed`, `disk.unsupported`, `disk.dirtyLog`, `disk.tooLarge`, `disk.unreadable`.
  static func read(_ window: FileWindow) throws(AscendError) -> SESparseHeader {
    let bytes = try window.read(at: 0, count: 512)
    guard bytes.count == 512, isPresent(in: bytes) else { throw malformed(window, "it has no SESPARSE header") }
    func number(_ place: Int) -> UInt64 { bytes.integer(UInt64.self, at: place, bigEndian: false) ?? 0 }
    // Flags, four reserved fields, and the rest of the sector.
    let isPlain = (40..<80).allSatisfy { bytes[$0] == 0 } && bytes[208...].allSatisfy { $0 == 0 }
    guard number(8) == version, number(24) == grainSectors, number(32) == tableSectors, isPlain else {
      throw AscendError(
        "disk.unsupported", "A snapshot in the space-efficient format (SESPARSE) is of a kind that is not read",
        object: window.path,
        cause: "version 0x\(String(number(8), radix: 16)), grains of \(number(24)) and tables of \(number(32)) sectors",
        remedy: "Delete or consolidate the machine's snapshots, or export it as OVF, which merges them")
    }
    let header = SESparseHeader(
      capacitySectors: number(16), directorySector: number(128),
      directoryEntries: (number(16) >> 15) + (number(16) % coveredSectors == 0 ? 0 : 1), tablesSector: number(144),
      grainsSector: number(192))
    try header.check(window, directorySectors: number(136))
    try checkVolatile(window, sector: number(80))
    return header
  }

  private func check(_ window: FileWindow, directorySectors: UInt64) throws(AscendError) {
    let sectors = UInt64(window.length / 512)
    guard capacitySectors > 0 else { throw Self.malformed(window, "its header gives no size") }
    guard capacitySectors <= UInt64(ImageGate.largestVirtualSize / 512) else {
      throw AscendError(
        "disk.tooLarge", "The snapshot claims a virtual size of \(capacitySectors) sectors", object: window.path,
        remedy: "The largest disk that is read has \(Format.bytes(ImageGate.largestVirtualSize))")
    }
    guard directorySectors <= Self.mostDirectorySectors, directoryEntries <= directorySectors * 64 else {
      throw Self.malformed(window, "its directory has \(directorySectors) sectors, for a disk of \(capacitySectors)")
    }
    guard directorySector > 0, directorySector < sectors, (directoryEntries + 63) / 64 <= sectors - directorySector,
      tablesSector > 0, tablesSector <= sectors, grainsSector > 0, grainsSector <= sectors
    else { throw Self.malformed(window, "its tables lie behind its end") }
  }

  private static func checkVolatile(_ window: FileWindow, sector: UInt64) throws(AscendError) {
    guard sector > 0, sector < UInt64(window.length / 512) else {
      throw malformed(window, "its second header lies behind its end")
    }
    let bytes = try window.read(at: Int64(sector) * 512, count: 512)
    guard bytes.count == 512, bytes.starts(with: volatileMagic), bytes[32...].allSatisfy({ $0 == 0 }) else {
      throw malformed(window, "its second header is not valid")
    }
    guard bytes[24..<32].allSatisfy({ $0 == 0 }) else {
      throw AscendError(
        "disk.dirtyLog", "The snapshot was not closed properly: changes stand in its journal only", object: window.path,
        remedy: "Start and stop the machine where it came from, or export it as OVF, and back it up again")
    }
  }

  private static func malformed(_ window: FileWindow, _ cause: String) -> AscendError {
    AscendError(
      "disk.malformed", "The snapshot in the space-efficient format (SESPARSE) is not valid", object: window.path,
      cause: cause, remedy: "Take the image from another copy of the backup")
  }
}
