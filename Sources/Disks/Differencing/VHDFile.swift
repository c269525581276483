import Support

/// What a dynamic or differencing VHD says of itself: footer and dynamic header (Microsoft's VHD specification).
struct VHDFile: Sendable {
  /// A child names it of its parent.
  var uniqueID: GUID
  var kind: VHDFooter.Kind
  var virtualSize: Int64
  var blockBytes: Int64
  var blocks: Int64
  var tableOffset: Int64
  /// The parent's `uniqueID`.
  var parentID: GUID?
  /// What the parent may be called: relative paths first.
  var parentNames: [String]

  private static let mostLocatorBytes: UInt32 = 64 << 10

  /// - Throws: `disk.malformed`, `disk.unreadable`.
  static func read(_ window: FileWindow) throws(AscendError) -> VHDFile {
    guard let footer = try VHDFooter.read(window), let kind = footer.kind else {
      throw .vhd(window, "it has no footer")
    }
    var file = VHDFile(
      uniqueID: footer.uniqueID, kind: kind, virtualSize: footer.virtualSize, blockBytes: 0, blocks: 0, tableOffset: 0,
      parentNames: [])
    guard kind != .fixed else { return file }
    guard footer.dataOffset <= UInt64(max(0, window.length)) else {
      throw .vhd(window, "its second header lies outside it")
    }
    let header = try window.read(at: Int64(footer.dataOffset), count: 1024)
    guard header.count == 1024, header.starts(with: "cxsparse"),
      VHDFooter.sum(header, skipping: 36) == header.integer(UInt32.self, at: 36, bigEndian: true)
    else { throw .vhd(window, "its second header is not valid") }
    let table = header.integer(UInt64.self, at: 16, bigEndian: true) ?? .max
    file.blocks = Int64(header.integer(UInt32.self, at: 28, bigEndian: true) ?? 0)
    file.blockBytes = Int64(header.integer(UInt32.self, at: 32, bigEndian: true) ?? 0)
    guard table <= UInt64(window.length), file.blocks * 4 <= window.length - Int64(table) else {
      throw .vhd(window, "its table of blocks lies outside it")
    }
    guard file.blockBytes >= 16 << 10, file.blockBytes <= 256 << 20, file.blockBytes & (file.blockBytes - 1) == 0 else {
      throw .vhd(window, "its blocks have \(file.blockBytes) bytes")
    }
    guard file.virtualSize > 0, file.virtualSize % 512 == 0, file.virtualSize <= ImageGate.largestVirtualSize,
      (file.virtualSize + file.blockBytes - 1) / file.blockBytes <= file.blocks
    else { throw .vhd(window, "its table of blocks is too short for its size") }
    file.tableOffset = Int64(table)
    if kind == .differencing { try file.readParent(header, window) }
    return file
  }

  private mutating func readParent(_ header: [UInt8], _ window: FileWindow) throws(AscendError) {
    parentID = VHDFooter.identifier(header, at: 40)
    var relative: [String] = []
    var absolute: [String] = []
    for index in 0..<8 {
      let at = 576 + 24 * index
      let code = Array(header[at..<at + 4])
      let length = header.integer(UInt32.self, at: at + 8, bigEndian: true) ?? 0
      let offset = header.integer(UInt64.self, at: at + 16, bigEndian: true) ?? 0
      guard code == Array("W2ru".utf8) || code == Array("W2ku".utf8) else { continue }
      guard length <= Self.mostLocatorBytes, offset < UInt64(window.length) else {
        throw .vhd(window, "what it says of its parent lies outside it")
      }
      let bytes = try window.read(at: Int64(offset), count: Int(length))
      guard let name = bytes.utf16(at: 0, count: bytes.count / 2 * 2, bigEndian: false), !name.isEmpty else { continue }
      if code[2] == UInt8(ascii: "r") { relative.append(name) } else { absolute.append(name) }
    }
    let plain = header.utf16(at: 64, count: 512, bigEndian: true)
    parentNames = relative + absolute + [plain].compactMap(\.self).filter { !$0.isEmpty }
  }
}

extension AscendError {
  static func vhd(_ window: FileWindow, _ cause: String) -> AscendError {
    AscendError(
      "disk.malformed", "The VHD is not valid", object: window.path, cause: cause,
      remedy: "Take the image from another copy of the backup")
  }
}
