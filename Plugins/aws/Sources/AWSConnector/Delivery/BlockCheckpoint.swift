import ConnectorProtocol
import Foundation

/// From where a transfer of blocks can be taken up: its counts up to `through`, and a bitmap of the blocks behind it
/// that EBS has acknowledged already.
struct BlockCheckpoint: Hashable, Sendable {
  /// What was done with the bytes before `through`.
  struct Counts: Hashable, Sendable {
    var read: Int64 = 0
    /// In blocks that hold data, sent or not.
    var data: Int64 = 0
    /// Blocks written.
    var blocks: Int64 = 0
  }

  private static let format = "blocks1"
  /// 20 KiB of bitmap, 27 KiB as text: more blocks than are ever underway.
  private static let mostBits = 160 * 1024

  var snapshot: String
  /// `DiskSource.generation` of what was read.
  var generation: String
  var through: Int64
  var counts: Counts
  /// The state of the content digest at `through`.
  var digest: String
  /// Blocks behind it.
  var acknowledged: Set<Int64> = []

  var token: String {
    let first = through / Int64(EBS.blockBytes)
    var bits: [UInt8] = []
    for index in acknowledged {
      let place = Int(index - first)
      guard place >= 0, place < Self.mostBits else { continue }
      if place / 8 >= bits.count { bits += [UInt8](repeating: 0, count: place / 8 + 1 - bits.count) }
      bits[place / 8] |= 1 << UInt8(place % 8)
    }
    let bitmap = bits.isEmpty ? "-" : Data(bits).base64EncodedString()
    return
      "\(Self.format) \(snapshot) \(through) \(counts.read) \(counts.data) \(counts.blocks) \(digest) \(bitmap) \(generation)"
  }

  /// The checkpoint of a request; nil where it has none.
  ///
  /// - Throws: `sourceChanged`, `staleCheckpoint`.
  static func read(_ request: DiskReceive) throws(ConnectorError) -> BlockCheckpoint? {
    guard let token = request.checkpoint else { return nil }
    let parts = token.split(separator: " ", maxSplits: 8).map(String.init)
    let unit = Int64(ContentDigest.blockBytes)
    guard parts.count == 9, parts[0] == format, let through = Int64(parts[2]), let read = Int64(parts[3]),
      let data = Int64(parts[4]), let blocks = Int64(parts[5]), min(read, data, blocks) >= 0,
      (0...request.source.sizeBytes).contains(through), through % unit == 0 || through == request.source.sizeBytes,
      let bits = parts[7] == "-" ? Data() : Data(base64Encoded: parts[7])
    else {
      throw Failure.startAnew(request.index, "the checkpoint is not one of this connector")
    }
    guard parts[8] == request.source.generation else {
      throw ConnectorError(
        .sourceChanged, "Disk \(request.index) is not the one of which \(through) bytes were moved before.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    var acknowledged: Set<Int64> = []
    for (place, byte) in bits.enumerated() where byte != 0 {
      for bit in 0..<8 where byte & (1 << UInt8(bit)) != 0 {
        acknowledged.insert(through / Int64(EBS.blockBytes) + Int64(place * 8 + bit))
      }
    }
    return BlockCheckpoint(
      snapshot: parts[1], generation: parts[8], through: through,
      counts: Counts(read: read, data: data, blocks: blocks), digest: parts[6], acknowledged: acknowledged)
  }
}
