import ConnectorProtocol

/// The structures of a dynamic VHDX, byte by byte ([MS-VHDX], versions 1 of header and log 0).
struct VHDXLayout {
  static let step: Int64 = 1 << 20
  private static let logOffset: Int64 = 1 << 20
  private static let logBytes: Int64 = 1 << 20
  private static let metadataOffset: Int64 = 2 << 20
  private static let metadataBytes: Int64 = 1 << 20
  private static let tableOffset: Int64 = 3 << 20
  private static let itemsOffset = 64 << 10

  /// A block of which nothing is stored, and that reads as zeros; one that is there as a whole.
  private static let zero: UInt64 = 2
  private static let present: UInt64 = 6

  let sizeBytes: Int64
  let options: DynamicVHDXEncoder.Options
  let map: BlockMap

  /// How many blocks one sector bitmap stands for. A disk without a parent has none, but their places in the table.
  var ratio: Int64 { (Int64(1) << 23) * Int64(Sector.bytes) / map.blockBytes }
  var tableEntries: Int64 { map.blocks + (map.blocks - 1) / ratio }
  var tableBytes: Int64 { (tableEntries * 8 + Self.step - 1) / Self.step * Self.step }
  /// Where the first stored block is.
  var payloadOffset: Int64 { Self.tableOffset + tableBytes }
  var imageBytes: Int64 { payloadOffset + map.present * map.blockBytes }

  // MARK: What comes before the blocks

  func begin(_ output: inout ImageOutput) {
    output.append(identifier())
    // Both headers are valid: the second, with the higher number, counts.
    for sequence in UInt64(1)...2 {
      output.pad(to: 64 << 10)
      output.append(header(sequence))
    }
    for _ in 0..<2 {
      output.pad(to: 64 << 10)
      output.append(regions())
    }
    // No log's identifier is in the headers: there is nothing in the log, which is zeros.
    output.appendZeros(Self.metadataOffset - output.position)
    output.append(metadata())
    output.appendZeros(Self.tableOffset - output.position)
    appendTable(&output)
    output.appendZeros(payloadOffset - output.position)
  }

  private func identifier() -> [UInt8] {
    var identifier = ByteBuilder(count: 8 + 512)
    identifier.put("vhdxfile".utf8, at: 0)
    for (index, unit) in "Ascend".utf16.enumerated() { identifier.little(unit, at: 8 + 2 * index) }
    return identifier.bytes
  }

  private func header(_ sequence: UInt64) -> [UInt8] {
    var header = ByteBuilder(count: 4096)
    header.put("head".utf8, at: 0)
    header.little(sequence, at: 8)
    header.put(guid("file"), at: 16)
    header.put(guid("data"), at: 32)
    header.little(UInt16(1), at: 66)
    header.little(UInt32(Self.logBytes), at: 68)
    header.little(UInt64(Self.logOffset), at: 72)
    header.little(CRC32C.checksum(header.bytes), at: 4)
    return header.bytes
  }

  private func regions() -> [UInt8] {
    var table = ByteBuilder(count: 64 << 10)
    table.put("regi".utf8, at: 0)
    table.little(UInt32(2), at: 8)
    let regions = [
      ("2dc27766-f623-4200-9d64-115e9bfd4a08", Self.tableOffset, tableBytes),
      ("8b7ca206-4790-4b9a-b8fe-575f050f886e", Self.metadataOffset, Self.metadataBytes),
    ]
    for (index, (id, offset, length)) in regions.enumerated() {
      let at = 16 + 32 * index
      table.put(ImageIdentity.mixed(id), at: at)
      table.little(UInt64(offset), at: at + 16)
      table.little(UInt32(length), at: at + 24)
      table.little(UInt32(1), at: at + 28)
    }
    table.little(CRC32C.checksum(table.bytes), at: 4)
    return table.bytes
  }

  private func metadata() -> [UInt8] {
    // Flags: 4 for what every reader must know, 2 for what is of the disk and not of the file.
    let items: [(id: String, bytes: [UInt8], flags: UInt32)] = [
      // The size of blocks; then that there is no parent, and that blocks may be dropped.
      ("caa16737-fa36-4d43-b3b6-33f0aa44e76b", Self.words(UInt32(map.blockBytes), 0), 4),
      ("2fa54224-cd1b-4876-b211-5dbed83bf4b8", Self.words(UInt64(sizeBytes)), 6),
      ("beca12ab-b2e6-4523-93ef-c309e000c746", guid("disk"), 6),
      ("8141bf1d-a96f-4709-ba47-f233a8faab5f", Self.words(UInt32(Sector.bytes)), 6),
      ("cda348c7-445d-4471-9cc9-e9885251c556", Self.words(options.physicalSectorBytes), 6),
    ]
    var metadata = ByteBuilder(count: Self.itemsOffset + items.reduce(0) { $0 + $1.bytes.count })
    metadata.put("metadata".utf8, at: 0)
    metadata.little(UInt16(items.count), at: 10)
    var place = Self.itemsOffset
    for (index, item) in items.enumerated() {
      let at = 32 + 32 * index
      metadata.put(ImageIdentity.mixed(item.id), at: at)
      metadata.little(UInt32(place), at: at + 16)
      metadata.little(UInt32(item.bytes.count), at: at + 20)
      metadata.little(item.flags, at: at + 24)
      metadata.put(item.bytes, at: place)
      place += item.bytes.count
    }
    return metadata.bytes
  }

  private static func words<Word: FixedWidthInteger>(_ words: Word...) -> [UInt8] {
    words.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
  }

  private func guid(_ purpose: String) -> [UInt8] {
    ImageIdentity.mixed(ImageIdentity.uuid("vhdx", purpose, options.identity, "\(sizeBytes)"))
  }

  // MARK: The table of blocks

  /// The places of all blocks, which are stored in their order.
  private func appendTable(_ output: inout ImageOutput) {
    var block: Int64 = 0
    var offset = UInt64(payloadOffset / Self.step)
    while block < map.blocks {
      // All up to and with one bitmap's place, which is the last only where other blocks follow.
      let end = min(block + ratio, map.blocks)
      let closes = end < map.blocks
      var entries = ByteBuilder(count: Int(end - block + (closes ? 1 : 0)) * 8)
      for number in block..<end {
        let isPresent = map.contains(number)
        entries.little(isPresent ? offset << 20 | Self.present : Self.zero, at: Int(number - block) * 8)
        if isPresent { offset += UInt64(map.blockBytes / Self.step) }
      }
      output.append(entries.bytes)
      block = end
    }
  }
}
