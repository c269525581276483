import Support

/// The footer of a VHD: its last 512 bytes, with a copy at the start unless the size is fixed.
struct VHDFooter {
  enum Kind: UInt32 {
    case fixed = 2
    case dynamic = 3
    case differencing = 4
  }

  var kind: Kind?
  var uniqueID: GUID
  var virtualSize: Int64
  /// Where the second header is; only where the size is not fixed.
  var dataOffset: UInt64
  var checksumIsValid: Bool
  /// Where the footer was found.
  var offset: Int64

  static func isPresent(in window: FileWindow) throws(AscendError) -> Bool { try read(window) != nil }

  /// The footer, or nil where the image has none. Some writers leave out its last byte.
  static func read(_ window: FileWindow) throws(AscendError) -> VHDFooter? {
    for offset in [window.length - 512, window.length - 511, 0] where offset >= 0 {
      let bytes = try window.read(at: offset, count: 512)
      guard bytes.starts(with: "conectix"), let uniqueID = identifier(bytes, at: 68) else { continue }
      return VHDFooter(
        kind: bytes.integer(UInt32.self, at: 60, bigEndian: true).flatMap(Kind.init), uniqueID: uniqueID,
        virtualSize: Int64(clamping: bytes.integer(UInt64.self, at: 48, bigEndian: true) ?? 0),
        dataOffset: bytes.integer(UInt64.self, at: 16, bigEndian: true) ?? 0,
        checksumIsValid: sum(bytes, skipping: 64) == bytes.integer(UInt32.self, at: 64, bigEndian: true),
        offset: offset)
    }
    return nil
  }

  /// The ones' complement of the sum of all bytes but the four at `field`.
  static func sum(_ bytes: [UInt8], skipping field: Int) -> UInt32 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() where index < field || index >= field + 4 { sum &+= UInt32(byte) }
    return ~sum
  }

  /// Only ever compared with another of its kind, so that the order of its bytes does not matter.
  static func identifier(_ bytes: [UInt8], at offset: Int) -> GUID? { GUID(bytes, at: offset) }
}
