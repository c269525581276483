import Support

/// The metadata of a VHDX: block size, sector size, virtual size and parent (MS-VHDX 2.6).
struct VHDXMetadata {
  var blockBytes: Int64 = 0
  var sectorBytes: Int64 = 512
  var virtualSize: Int64 = 0
  var hasParent = false
  var parent: [String: String] = [:]

  private enum Item: String {
    case file = "caa16737-fa36-4d43-b3b6-33f0aa44e76b"
    case size = "2fa54224-cd1b-4876-b211-5dbed83bf4b8"
    case sector = "8141bf1d-a96f-4709-ba47-f233a8faab5f"
    case physicalSector = "cda348c7-445d-4471-9cc9-e9885251c556"
    case identity = "beca12ab-b2e6-4523-93ef-c309e000c746"
    case parent = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c"
  }

  private static let mostItemBytes = 1 << 20

  static func read(_ window: FileWindow, at start: Int64, length: Int64) throws(AscendError) -> VHDXMetadata {
    let table = try window.read(at: start, count: 64 << 10)
    guard table.starts(with: "metadata"), let count = table.integer(UInt16.self, at: 10, bigEndian: false),
      count <= 2047
    else { throw .vhdx(window, "its metadata is not valid") }
    var metadata = VHDXMetadata()
    var seen: Set<String> = []
    for index in 0..<Int(count) {
      let at = 32 + 32 * index
      guard let id = GUID(table, at: at), let offset = table.integer(UInt32.self, at: at + 16, bigEndian: false),
        let size = table.integer(UInt32.self, at: at + 20, bigEndian: false),
        let flags = table.integer(UInt32.self, at: at + 24, bigEndian: false)
      else { throw .vhdx(window, "its metadata is cut short") }
      guard let item = Item(rawValue: id.text), flags & 1 == 0 else {
        // Bit 2: whoever does not know the item must leave the file alone.
        guard flags & 4 == 0 else { throw .vhdx(window, "it needs metadata that is not known here (\(id.text))") }
        continue
      }
      guard seen.insert(id.text).inserted, Int64(offset) <= length, Int64(size) <= length - Int64(offset),
        size <= mostItemBytes
      else { throw .vhdx(window, "its metadata lies outside its place or stands in it twice") }
      let bytes = try window.read(at: start + Int64(offset), count: Int(size))
      try metadata.take(item, bytes, window)
    }
    try metadata.check(window)
    return metadata
  }

  private mutating func take(_ item: Item, _ bytes: [UInt8], _ window: FileWindow) throws(AscendError) {
    switch item {
    case .file:
      blockBytes = Int64(bytes.integer(UInt32.self, at: 0, bigEndian: false) ?? 0)
      hasParent = (bytes.integer(UInt32.self, at: 4, bigEndian: false) ?? 0) & 2 != 0
    case .size: virtualSize = Int64(clamping: bytes.integer(UInt64.self, at: 0, bigEndian: false) ?? 0)
    case .sector: sectorBytes = Int64(bytes.integer(UInt32.self, at: 0, bigEndian: false) ?? 0)
    case .parent: parent = try Self.locator(bytes, window)
    case .physicalSector, .identity: break
    }
  }

  private func check(_ window: FileWindow) throws(AscendError) {
    guard blockBytes >= 1 << 20, blockBytes <= 256 << 20, blockBytes & (blockBytes - 1) == 0 else {
      throw .vhdx(window, "its blocks have \(blockBytes) bytes")
    }
    guard sectorBytes == 512 || sectorBytes == 4096 else {
      throw .vhdx(window, "its sectors have \(sectorBytes) bytes")
    }
    guard virtualSize > 0, virtualSize <= ImageGate.largestVirtualSize, virtualSize % 512 == 0 else {
      throw .vhdx(window, "it claims a virtual size of \(virtualSize) bytes")
    }
  }

  /// Pairs of words, in UTF-16 with the low byte first.
  private static func locator(_ bytes: [UInt8], _ window: FileWindow) throws(AscendError) -> [String: String] {
    guard GUID(bytes, at: 0)?.text == "b04aefb7-d19e-4a81-b789-25b8e9445913",
      let count = bytes.integer(UInt16.self, at: 18, bigEndian: false)
    else { throw .vhdx(window, "it names its parent in a way that is not known") }
    var pairs: [String: String] = [:]
    for index in 0..<Int(count) {
      let at = 20 + 12 * index
      guard let keyOffset = bytes.integer(UInt32.self, at: at, bigEndian: false),
        let valueOffset = bytes.integer(UInt32.self, at: at + 4, bigEndian: false),
        let keyLength = bytes.integer(UInt16.self, at: at + 8, bigEndian: false),
        let valueLength = bytes.integer(UInt16.self, at: at + 10, bigEndian: false),
        let key = bytes.utf16(at: Int(keyOffset), count: Int(keyLength), bigEndian: false),
        let value = bytes.utf16(at: Int(valueOffset), count: Int(valueLength), bigEndian: false)
      else { throw .vhdx(window, "what it says of its parent is cut short") }
      pairs[key.lowercased()] = value
    }
    return pairs
  }
}

extension Array where Element == UInt8 {
  /// The text of `count` bytes at `offset`, up to the first NUL; nil beyond the end or where it is no text.
  func utf16(at offset: Int, count length: Int, bigEndian: Bool) -> String? {
    guard offset >= 0, length >= 0, length % 2 == 0, offset <= count, length <= count - offset else { return nil }
    var units: [UInt16] = []
    for index in stride(from: offset, to: offset + length, by: 2) {
      let unit =
        bigEndian
        ? UInt16(self[index]) << 8 | UInt16(self[index + 1]) : UInt16(self[index + 1]) << 8 | UInt16(self[index])
      if unit == 0 { break }
      units.append(unit)
    }
    return String(validating: units, as: UTF16.self)
  }
}
