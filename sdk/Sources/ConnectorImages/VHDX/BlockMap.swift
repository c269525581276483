import ConnectorDisk
import ConnectorProtocol

/// Which blocks of a disk hold data: a bit for each.
struct BlockMap: Sendable {
  let blockBytes: Int64
  let blocks: Int64
  private var words: [UInt64]
  /// How many do.
  private(set) var present: Int64 = 0

  init(sizeBytes: Int64, blockBytes: Int64) {
    self.blockBytes = blockBytes
    blocks = sizeBytes / blockBytes + (sizeBytes % blockBytes == 0 ? 0 : 1)
    words = [UInt64](repeating: 0, count: Int(blocks + 63) / 64)
  }

  /// The map of a disk, from its extents: nothing is read.
  static func read(_ reader: DiskReader, sizeBytes: Int64, blockBytes: Int64) async throws -> BlockMap {
    var map = BlockMap(sizeBytes: sizeBytes, blockBytes: blockBytes)
    var offset: Int64 = 0
    while offset < reader.sizeBytes {
      try Task.checkCancellation()
      let window = try await reader.extents(from: offset)
      guard let last = window.last, last.end > offset else {
        throw ConnectorError(
          .sourceUnavailable, "The server of \(reader.uri) gave no extents at byte \(offset).",
          remedy: "Export the disk again.", outcome: .none)
      }
      for extent in window where extent.allocated { map.insert(extent.offset..<extent.end) }
      offset = last.end
    }
    return map
  }

  /// Notes that bytes of `range`, which is not empty, may be other than zeros.
  mutating func insert(_ range: Range<Int64>) {
    for block in range.lowerBound / blockBytes...(range.upperBound - 1) / blockBytes where !contains(block) {
      words[Int(block) / 64] |= 1 << UInt64(block % 64)
      present += 1
    }
  }

  func contains(_ block: Int64) -> Bool { words[Int(block) / 64] >> UInt64(block % 64) & 1 == 1 }

  /// How many blocks in `range` hold data.
  func count(in range: Range<Int64>) -> Int64 {
    var count: Int64 = 0
    var block = range.lowerBound
    while block < range.upperBound {
      let end = min((block / 64 + 1) * 64, range.upperBound)
      let mask = (end - block == 64 ? UInt64.max : (1 << UInt64(end - block)) - 1) << UInt64(block % 64)
      count += Int64((words[Int(block) / 64] & mask).nonzeroBitCount)
      block = end
    }
    return count
  }
}
