import Support

/// The blocks of a dynamic or differencing VHD: each is a map of its sectors, then its data (Microsoft's VHD specification).
struct VHDBlocks: DeltaBlocks {
  let window: FileWindow
  private let file: VHDFile
  private let bitmapBytes: Int64

  init(_ window: FileWindow, _ file: VHDFile) {
    self.window = window
    self.file = file
    bitmapBytes = (file.blockBytes / 512 / 8 + 511) / 512 * 512
  }

  var virtualSize: Int64 { file.virtualSize }
  var blockBytes: Int64 { file.blockBytes }
  var reserved: Int64 { 512 }

  func forEach(_ body: (DeltaBlock) throws(AscendError) -> Void) throws(AscendError) {
    // One of fixed size has none.
    guard file.blockBytes > 0 else { return }
    let entriesAtOnce: Int64 = 16384
    let blocks = (file.virtualSize + file.blockBytes - 1) / file.blockBytes
    for first in stride(from: 0, to: blocks, by: Int(entriesAtOnce)) {
      let count = Int(min(entriesAtOnce, blocks - first))
      let bytes = try window.read(at: file.tableOffset + first * 4, count: count * 4)
      guard bytes.count == count * 4 else { throw .vhd(window, "its table of blocks is cut short") }
      for index in 0..<count {
        guard let sector = bytes.integer(UInt32.self, at: index * 4, bigEndian: true), sector != .max else { continue }
        let start = Int64(sector) * 512
        let data = start + bitmapBytes
        guard start >= reserved, data + blockBytes <= file.tableOffset || start >= file.tableOffset + blocks * 4 else {
          throw .vhd(window, "block \(first + Int64(index)) lies in its headers or tables")
        }
        try body(DeltaBlock(number: first + Int64(index), content: .partly(at: data)))
      }
    }
  }

  func sectors(of block: DeltaBlock) throws(AscendError) -> [UInt32] {
    guard let data = block.offset else { return [] }
    let count = Int(file.blockBytes / 512 / 8)
    let bitmap = try window.read(at: data - bitmapBytes, count: count)
    guard bitmap.count == count else { throw .vhd(window, "a map of its sectors lies outside it") }
    // The highest bit of a byte is its first sector.
    return stride(from: 0, to: count, by: 4).map { at in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(Self.reversed(bitmap[at + $1])) << ($1 * 8) }
    }
  }

  func malformed(_ cause: String) -> AscendError { .vhd(window, cause) }

  private static func reversed(_ byte: UInt8) -> UInt8 {
    (0..<8).reduce(UInt8(0)) { byte >> $1 & 1 == 1 ? $0 | 0x80 >> $1 : $0 }
  }
}
