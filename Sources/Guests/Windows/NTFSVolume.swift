/// What an NTFS volume says of its own state, read from its bytes: a mount for writing would clear it.
struct NTFSVolume: Sendable, Hashable {
  /// Windows found damage, or was stopped while it mended some: it will check the volume at its next start.
  var isDirty: Bool
  /// The log holds changes that are not in the volume's files yet: it was backed up while it was in use.
  var hasOpenLog: Bool

  /// - Parameter read: The bytes at an offset of the volume.
  /// - Returns: Nil for what is no NTFS volume, or is damaged so that this cannot be read.
  init?<Failure: Error>(_ read: (Int64, Int) throws(Failure) -> [UInt8]) throws(Failure) {
    guard let boot = NTFSBoot(try read(0, 512)) else { return nil }
    func record(_ number: Int64) throws(Failure) -> NTFSRecord? {
      NTFSRecord(try read(boot.tableOffset + number * Int64(boot.recordBytes), boot.recordBytes))
    }
    guard let volume = try record(3), let information = volume.resident(0x70), information.count >= 12,
      let log = try record(2), let start = log.firstRun
    else { return nil }
    isDirty = NTFSBytes(information).number(10, 2) & 1 != 0
    // Two copies of the restart page, each a page long; the later one counts, and both say it of a clean volume.
    let (place, overflow) = start.multipliedReportingOverflow(by: Int64(boot.clusterBytes))
    guard !overflow, place >= 0 else { return nil }
    let pages = NTFSBytes(try read(place, 8192))
    hasOpenLog = [0, 4096].contains { Self.isOpen(pages, at: $0) }
  }

  private static func isOpen(_ pages: NTFSBytes, at page: Int) -> Bool {
    // `RSTR`; a log that was emptied by a tool is all ones, and clean.
    guard pages.number(page, 4) == 0x5254_5352 else { return false }
    let area = page + Int(pages.number(page + 24, 2))
    let inUse = pages.number(area + 12, 2)
    let flags = pages.number(area + 14, 2)
    return inUse != 0xffff && flags & 2 == 0
  }
}

/// Bytes that are read as numbers, the lowest byte first; what lies outside reads as 0.
struct NTFSBytes: Sendable, Hashable {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(_ offset: Int, _ count: Int) -> UInt64 {
    guard offset >= 0, offset <= bytes.count - count else { return 0 }
    return bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The first sector of an NTFS volume.
struct NTFSBoot: Sendable, Hashable {
  var clusterBytes: Int
  var recordBytes: Int
  /// Where the table of files starts.
  var tableOffset: Int64

  init?(_ sector: [UInt8]) {
    let bytes = NTFSBytes(sector)
    guard sector.count >= 512, Array(sector[3..<11]) == Array("NTFS    ".utf8) else { return nil }
    let sectorBytes = Int(bytes.number(11, 2))
    // Above 128 it is a power of two, negated.
    let perCluster = Int(bytes.number(13, 1))
    clusterBytes = perCluster > 128 ? sectorBytes << min(16, 256 - perCluster) : sectorBytes * perCluster
    let size = Int(Int8(truncatingIfNeeded: bytes.number(64, 1)))
    recordBytes = size < 0 ? 1 << min(16, -size) : size * clusterBytes
    guard [512, 1024, 2048, 4096].contains(sectorBytes), (512...(2 << 20)).contains(clusterBytes),
      (1024...65536).contains(recordBytes)
    else { return nil }
    let (offset, overflow) = Int64(clamping: bytes.number(48, 8)).multipliedReportingOverflow(by: Int64(clusterBytes))
    guard !overflow, offset > 0, offset < Int64.max / 2 else { return nil }
    tableOffset = offset
  }
}

/// One entry of the table of files.
struct NTFSRecord: Sendable, Hashable {
  private let bytes: NTFSBytes

  init?(_ raw: [UInt8]) {
    var raw = raw
    guard raw.count >= 1024, raw.starts(with: Array("FILE".utf8)) else { return nil }
    // The last two bytes of each 512 are kept elsewhere.
    let head = NTFSBytes(raw)
    let offset = Int(head.number(4, 2))
    let count = Int(head.number(6, 2))
    for place in 1..<max(2, count) {
      let end = place * 512
      guard end <= raw.count, offset + place * 2 + 2 <= raw.count else { break }
      raw[end - 2] = raw[offset + place * 2]
      raw[end - 1] = raw[offset + place * 2 + 1]
    }
    bytes = NTFSBytes(raw)
  }

  /// Where the attribute of a type starts, and how long it is.
  private func attribute(_ type: UInt64) -> (offset: Int, count: Int)? {
    var offset = Int(bytes.number(20, 2))
    while offset + 16 <= bytes.bytes.count {
      let found = bytes.number(offset, 4)
      let count = Int(bytes.number(offset + 4, 4))
      guard found != 0xffff_ffff, count >= 16, offset + count <= bytes.bytes.count else { return nil }
      if found == type { return (offset, count) }
      offset += count
    }
    return nil
  }

  /// The content of an attribute that lies in the record.
  func resident(_ type: UInt64) -> [UInt8]? {
    guard let (offset, count) = attribute(type), bytes.number(offset + 8, 1) == 0 else { return nil }
    let start = offset + Int(bytes.number(offset + 20, 2))
    let size = Int(bytes.number(offset + 16, 4))
    guard start + size <= offset + count, start >= offset else { return nil }
    return Array(bytes.bytes[start..<(start + size)])
  }

  /// The first cluster of the file's data.
  var firstRun: Int64? {
    guard let (offset, _) = attribute(0x80), bytes.number(offset + 8, 1) == 1 else { return nil }
    let run = offset + Int(bytes.number(offset + 32, 2))
    let head = Int(bytes.number(run, 1))
    let (lengthBytes, startBytes) = (head & 15, head >> 4)
    guard (1...8).contains(lengthBytes), (1...8).contains(startBytes) else { return nil }
    let start = bytes.number(run + 1 + lengthBytes, startBytes)
    guard start < 1 << 48 else { return nil }
    return Int64(start)
  }
}
