import ConnectorProtocol
import Foundation

@testable import Disks

/// Writes VHDX files from the published format (MS-VHDX), differencing ones too, which qemu-img cannot make.
struct TestVHDX {
  enum Block {
    case zeros, unmapped, undefined
    case full([UInt8])
    /// By sector of 512 bytes (or of `sectorBytes`).
    case partly([Int: [UInt8]])
  }

  var size: Int
  var blockBytes = 1 << 20
  var sectorBytes = 512
  var identifier = TestVHDX.guid(1)
  var parentLinkage: [UInt8]?
  var parentNames: [String: String] = [:]
  var blocks: [Int: Block] = [:]
  /// An entry in the log, as a crash leaves it.
  var dirty = false

  static func guid(_ number: UInt8) -> [UInt8] { Array(repeating: number, count: 16) }

  /// `{0a0b0c0d-…}`.
  static func text(_ guid: [UInt8]) -> String {
    let order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15]
    return "{" + order.map { $0 < 0 ? "-" : String(format: "%02X", guid[$0]) }.joined() + "}"
  }

  /// The identifier that a child must name: read here and not by the code under test.
  static func identifier(of path: String) throws -> [UInt8] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(192 << 10))
    func sequence(_ at: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[at + 8 + $1]) << UInt64(8 * $1) } }
    let at = sequence(64 << 10) > sequence(128 << 10) ? 64 << 10 : 128 << 10
    return Array(bytes[at + 32..<at + 48])
  }

  func bytes() -> [UInt8] {
    let mebi = 1 << 20
    let ratio = (1 << 23) * sectorBytes / blockBytes
    let count = (size + blockBytes - 1) / blockBytes
    let chunks = (count + ratio - 1) / ratio
    var table = [UInt64](repeating: 0, count: chunks * (ratio + 1))
    let tableBytes = (table.count * 8 + mebi - 1) / mebi * mebi
    var file = [UInt8](repeating: 0, count: 3 * mebi + tableBytes)
    file.put(Array("vhdxfile".utf8), at: 0)
    for (number, block) in blocks.sorted(by: { $0.key < $1.key }) {
      let entry = number + number / ratio
      switch block {
      case .zeros: table[entry] = 2
      case .unmapped: table[entry] = 3 | UInt64(1 << 43)
      case .undefined: table[entry] = 1
      case .full(let data):
        table[entry] = UInt64(file.count) | 6
        file += data + [UInt8](repeating: 0, count: blockBytes - data.count)
      case .partly(let sectors):
        table[entry] = UInt64(file.count) | 7
        // Sectors that are the parent's hold what must never be read.
        let start = file.count
        file += [UInt8](repeating: 0xdd, count: blockBytes)
        for (sector, data) in sectors { file.put(data, at: start + sector * sectorBytes) }
        let map = number / ratio * (ratio + 1) + ratio
        if table[map] == 0 {
          table[map] = UInt64(file.count) | 6
          file += [UInt8](repeating: 0, count: mebi)
        }
        let bitmap = Int(table[map] >> 20) << 20
        for sector in sectors.keys {
          let bit = number % ratio * (blockBytes / sectorBytes) + sector
          file[bitmap + bit / 8] |= 1 << UInt8(bit % 8)
        }
      }
    }
    file.put(table.flatMap { $0.littleEndianBytes }, at: 3 * mebi)
    file.put(metadata(), at: 2 * mebi)
    let log = dirty ? Self.guid(9) : Self.guid(0)
    if dirty { file.put(Array("loge".utf8) + [UInt8](repeating: 0, count: 28) + log, at: mebi + 4096) }
    for (number, at) in [64 << 10, 128 << 10].enumerated() {
      var header = [UInt8](repeating: 0, count: 4096)
      header.put(Array("head".utf8), at: 0)
      header.put(UInt64(number + 1).littleEndianBytes, at: 8)
      header.put(Self.guid(7) + identifier + log, at: 16)
      header.put([0, 0, 1, 0] + UInt32(mebi).littleEndianBytes + UInt64(mebi).littleEndianBytes, at: 64)
      header.put(CRC32C.checksum(header, zeroed: 4..<8).littleEndianBytes, at: 4)
      file.put(header, at: at)
    }
    for at in [192 << 10, 256 << 10] {
      var regions = [UInt8](repeating: 0, count: 64 << 10)
      regions.put(Array("regi".utf8), at: 0)
      regions.put(UInt32(2).littleEndianBytes, at: 8)
      regions.put(
        Self.bytes("2dc27766-f623-4200-9d64-115e9bfd4a08") + UInt64(3 * mebi).littleEndianBytes
          + UInt32(tableBytes).littleEndianBytes + [1, 0, 0, 0], at: 16)
      regions.put(
        Self.bytes("8b7ca206-4790-4b9a-b8fe-575f050f886e") + UInt64(2 * mebi).littleEndianBytes
          + UInt32(mebi).littleEndianBytes + [1, 0, 0, 0], at: 48)
      regions.put(CRC32C.checksum(regions, zeroed: 4..<8).littleEndianBytes, at: 4)
      file.put(regions, at: at)
    }
    return file
  }

  private func metadata() -> [UInt8] {
    var items: [(String, [UInt8])] = [
      (
        "caa16737-fa36-4d43-b3b6-33f0aa44e76b",
        UInt32(blockBytes).littleEndianBytes + [parentLinkage == nil ? 0 : 2, 0, 0, 0]
      ),
      ("2fa54224-cd1b-4876-b211-5dbed83bf4b8", UInt64(size).littleEndianBytes),
      ("beca12ab-b2e6-4523-93ef-c309e000c746", Self.guid(5)),
      ("8141bf1d-a96f-4709-ba47-f233a8faab5f", UInt32(sectorBytes).littleEndianBytes),
      ("cda348c7-445d-4471-9cc9-e9885251c556", UInt32(4096).littleEndianBytes),
    ]
    if let parentLinkage {
      let pairs = parentNames.merging(["parent_linkage": Self.text(parentLinkage)]) { $1 }.sorted { $0.key < $1.key }
      var entries: [UInt8] = []
      var words: [UInt8] = []
      for (key, value) in pairs {
        let parts = [key, value].map { $0.utf16.flatMap { UInt16($0).littleEndianBytes } }
        let start = 20 + 12 * pairs.count + words.count
        entries += UInt32(start).littleEndianBytes + UInt32(start + parts[0].count).littleEndianBytes
        entries += UInt16(parts[0].count).littleEndianBytes + UInt16(parts[1].count).littleEndianBytes
        words += parts[0] + parts[1]
      }
      items.append(
        (
          "a8d35f2d-b30b-454d-abf7-d3d84834ab0c",
          Self.bytes("b04aefb7-d19e-4a81-b789-25b8e9445913") + [0, 0] + UInt16(pairs.count).littleEndianBytes + entries
            + words
        ))
    }
    var table = Array("metadata".utf8) + [0, 0] + UInt16(items.count).littleEndianBytes
    table += [UInt8](repeating: 0, count: 20)
    var data: [UInt8] = []
    for (id, bytes) in items {
      table += Self.bytes(id) + UInt32(65536 + data.count).littleEndianBytes + UInt32(bytes.count).littleEndianBytes
      table += [6, 0, 0, 0, 0, 0, 0, 0]
      data += bytes
    }
    return table + [UInt8](repeating: 0, count: 65536 - table.count) + data
  }

  /// A GUID's text in the order of its bytes on disk.
  static func bytes(_ text: String) -> [UInt8] {
    let digits = Array(text.filter { $0 != "-" })
    let plain = stride(from: 0, to: 32, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
    return [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map { plain[$0] }
  }
}

extension FixedWidthInteger {
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
  var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension Array where Element == UInt8 {
  mutating func put(_ bytes: [UInt8], at offset: Int) {
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }
}
