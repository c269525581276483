import ConnectorProtocol
import Support

/// What a VHDX says of itself: headers, region table and metadata (MS-VHDX). Its data and its table of blocks are left
/// alone.
struct VHDXFile: Sendable {
  /// Changes whenever what a guest reads changes: a child names it of its parent.
  var dataWriteGUID: GUID
  /// Set while there may be something in the log.
  var logGUID: GUID
  var logOffset: Int64
  var logLength: Int64
  var blockBytes: Int64
  var sectorBytes: Int64
  var virtualSize: Int64
  var hasParent: Bool
  /// The parent locator's own words: `parent_linkage`, `relative_path`, `absolute_win32_path` and the like.
  var parent: [String: String]
  /// Where the table of blocks is, in bytes.
  var tableOffset: Int64
  var tableLength: Int64

  static let signature = "vhdxfile"
  static let headerOffsets: [Int64] = [64 << 10, 128 << 10]
  private static let regionOffsets: [Int64] = [192 << 10, 256 << 10]
  private static let tableRegion = "2dc27766-f623-4200-9d64-115e9bfd4a08"
  private static let metadataRegion = "8b7ca206-4790-4b9a-b8fe-575f050f886e"

  /// - Throws: `disk.malformed`, `disk.unreadable`.
  static func read(_ window: FileWindow) throws(AscendError) -> VHDXFile {
    guard try window.read(at: 0, count: 8).starts(with: signature) else { throw .vhdx(window, "it has no signature") }
    let header = try header(window)
    guard let dataWriteGUID = GUID(header, at: 32), let logGUID = GUID(header, at: 48),
      header.integer(UInt16.self, at: 66, bigEndian: false) == 1,
      let logLength = header.integer(UInt32.self, at: 68, bigEndian: false),
      let logOffset = header.integer(UInt64.self, at: 72, bigEndian: false)
    else { throw .vhdx(window, "its version is not known") }
    let regions = try regions(window)
    guard let table = regions[tableRegion], let metadata = regions[metadataRegion] else {
      throw .vhdx(window, "it has no table of blocks or no metadata")
    }
    let items = try VHDXMetadata.read(window, at: metadata.offset, length: metadata.length)
    let log = try region(window, logOffset, UInt64(logLength))
    return VHDXFile(
      dataWriteGUID: dataWriteGUID, logGUID: logGUID, logOffset: log.offset, logLength: log.length,
      blockBytes: items.blockBytes, sectorBytes: items.sectorBytes, virtualSize: items.virtualSize,
      hasParent: items.hasParent, parent: items.parent, tableOffset: table.offset, tableLength: table.length)
  }

  /// Whether changes stand in the log that are not yet in their places.
  ///
  /// Any entry that carries the log's own mark counts. A reader that replays would look closer at some of them; nothing
  /// is lost by asking for a replay too often.
  func isDirty(_ window: FileWindow) throws(AscendError) -> Bool {
    guard !logGUID.isZero else { return false }
    var offset: Int64 = 0
    while offset < logLength {
      let entry = try window.read(at: logOffset + offset, count: 64)
      if entry.starts(with: "loge"), GUID(entry, at: 32) == logGUID { return true }
      offset += 4096
    }
    return false
  }

  /// The one of the two headers that counts: valid, and with the higher number.
  private static func header(_ window: FileWindow) throws(AscendError) -> [UInt8] {
    var best: (bytes: [UInt8], sequence: UInt64)?
    for offset in headerOffsets {
      let bytes = try window.read(at: offset, count: 4096)
      guard bytes.count == 4096, bytes.starts(with: "head"),
        bytes.integer(UInt32.self, at: 4, bigEndian: false) == CRC32C.checksum(bytes, zeroed: 4..<8),
        let sequence = bytes.integer(UInt64.self, at: 8, bigEndian: false)
      else { continue }
      if best.map({ sequence > $0.sequence }) ?? true { best = (bytes, sequence) }
    }
    guard let best else { throw .vhdx(window, "neither of its headers is valid") }
    return best.bytes
  }

  private static func regions(_ window: FileWindow) throws(AscendError) -> [String: (offset: Int64, length: Int64)] {
    for offset in regionOffsets {
      let bytes = try window.read(at: offset, count: 64 << 10)
      guard bytes.count == 64 << 10, bytes.starts(with: "regi"),
        bytes.integer(UInt32.self, at: 4, bigEndian: false) == CRC32C.checksum(bytes, zeroed: 4..<8),
        let count = bytes.integer(UInt32.self, at: 8, bigEndian: false), count <= 2047
      else { continue }
      var found: [String: (offset: Int64, length: Int64)] = [:]
      for index in 0..<Int(count) {
        let at = 16 + 32 * index
        guard let id = GUID(bytes, at: at), let start = bytes.integer(UInt64.self, at: at + 16, bigEndian: false),
          let length = bytes.integer(UInt32.self, at: at + 24, bigEndian: false)
        else { continue }
        if id.text == tableRegion || id.text == metadataRegion {
          found[id.text] = try region(window, start, UInt64(length))
        } else if bytes.integer(UInt32.self, at: at + 28, bigEndian: false) == 1 {
          throw .vhdx(window, "it needs a region that is not known here (\(id.text))")
        }
      }
      return found
    }
    throw .vhdx(window, "neither of its region tables is valid")
  }

  private static func region(_ window: FileWindow, _ offset: UInt64, _ length: UInt64) throws(AscendError)
    -> (offset: Int64, length: Int64)
  {
    let size = UInt64(max(0, window.length))
    guard offset <= size, length <= size - offset else {
      throw AscendError(
        "disk.truncated", "The VHDX ends before what its headers name", object: window.path,
        cause: "\(length) bytes at \(offset), the file has \(size)", remedy: "It was cut short: copy the backup again")
    }
    return (Int64(offset), Int64(length))
  }
}

extension AscendError {
  static func vhdx(_ window: FileWindow, _ cause: String) -> AscendError {
    AscendError(
      "disk.malformed", "The VHDX is not valid", object: window.path, cause: cause,
      remedy: "Take the image from another copy of the backup")
  }
}
