import Support

/// The blocks of a differencing VHDX: its table (BAT) and its sector bitmaps (MS-VHDX 2.5).
struct VHDXBlocks: DeltaBlocks {
  let window: FileWindow
  private let file: VHDXFile
  /// How many blocks one sector bitmap stands for.
  private let ratio: Int64
  private let blocks: Int64

  init(_ window: FileWindow, _ file: VHDXFile) throws(AscendError) {
    self.window = window
    self.file = file
    ratio = (Int64(1) << 23) * file.sectorBytes / file.blockBytes
    blocks = (file.virtualSize + file.blockBytes - 1) / file.blockBytes
    let entries = (blocks + ratio - 1) / ratio * (ratio + 1)
    guard entries * 8 <= file.tableLength else { throw .vhdx(window, "its table of blocks is too short for its size") }
  }

  var virtualSize: Int64 { file.virtualSize }
  var blockBytes: Int64 { file.blockBytes }
  /// The first MiB holds the headers.
  var reserved: Int64 { 1 << 20 }

  func forEach(_ body: (DeltaBlock) throws(AscendError) -> Void) throws(AscendError) {
    let group = Int(ratio + 1) * 8
    for chunk in 0..<(blocks + ratio - 1) / ratio {
      let bytes = try window.read(at: file.tableOffset + chunk * Int64(group), count: group)
      guard bytes.count == group else { throw .vhdx(window, "its table of blocks is cut short") }
      for index in 0..<min(ratio, blocks - chunk * ratio) {
        guard let entry = bytes.integer(UInt64.self, at: Int(index) * 8, bigEndian: false) else { continue }
        let number = chunk * ratio + index
        let offset = try place(entry)
        switch entry & 7 {
        case 0: continue
        // Undefined, zero and unmapped: the parent is not asked, and nothing tells more than zeros would.
        case 1, 2, 3: try body(DeltaBlock(number: number, content: .zeros))
        case 6: try body(DeltaBlock(number: number, content: .stored(at: offset)))
        case 7: try body(DeltaBlock(number: number, content: .partly(at: offset)))
        default: throw .vhdx(window, "block \(number) is in a state that is not known (\(entry & 7))")
        }
      }
    }
  }

  func sectors(of block: DeltaBlock) throws(AscendError) -> [UInt32] {
    let chunk = block.number / ratio
    let at = file.tableOffset + (chunk * (ratio + 1) + ratio) * 8
    guard let entry = try window.read(at: at, count: 8).integer(UInt64.self, at: 0, bigEndian: false), entry & 7 == 6
    else { throw .vhdx(window, "block \(block.number) is there in part, without a map of its sectors") }
    let count = Int(file.blockBytes / file.sectorBytes / 8)
    let offset = try place(entry)
    let bitmap = try window.read(at: offset + block.number % ratio * Int64(count), count: count)
    guard bitmap.count == count else { throw .vhdx(window, "a map of its sectors lies outside it") }
    guard file.sectorBytes == 4096 else {
      return stride(from: 0, to: count, by: 4).map { bitmap.integer(UInt32.self, at: $0, bigEndian: false) ?? 0 }
    }
    // Four sectors make a word: each stands for eight of 512 bytes.
    return bitmap.flatMap { byte in
      [byte & 15, byte >> 4].map { nibble in
        (0..<4).reduce(UInt32(0)) { nibble >> $1 & 1 == 1 ? $0 | UInt32(0xff) << ($1 * 8) : $0 }
      }
    }
  }

  func malformed(_ cause: String) -> AscendError { .vhdx(window, cause) }

  /// The upper 44 bits of an entry are an offset in MiB.
  private func place(_ entry: UInt64) throws(AscendError) -> Int64 {
    let mebibytes = entry >> 20
    guard mebibytes <= UInt64(window.length >> 20) else {
      guard (entry & 7) >= 6 else { return 0 }
      throw AscendError(
        "disk.truncated", "The VHDX ends before its blocks do", object: window.path,
        cause: "an entry of its table points to MiB \(mebibytes), the file has \(window.length) bytes",
        remedy: "It was cut short or damaged: copy the backup again")
    }
    return Int64(mebibytes) << 20
  }
}
