import Support

/// The footer of a VHD: its last 512 bytes, with a copy at the start unless the size is fixed.
struct VHDFooter {
  enum Kind: UInt32 {
    case fixed = 2
    case dynamic = 3
    case differencing = 4
  }

  var kind: Kind?

  static func isPresent(in window: FileWindow) throws(AscendError) -> Bool { try read(window) != nil }

  /// The footer, or nil where the image has none. Some writers leave out its last byte.
  static func read(_ window: FileWindow) throws(AscendError) -> VHDFooter? {
    for offset in [window.length - 512, window.length - 511, 0] where offset >= 0 {
      let bytes = try window.read(at: offset, count: 512)
      guard bytes.starts(with: "conectix") else { continue }
      return VHDFooter(kind: bytes.integer(UInt32.self, at: 60, bigEndian: true).flatMap(Kind.init))
    }
    return nil
  }
}
