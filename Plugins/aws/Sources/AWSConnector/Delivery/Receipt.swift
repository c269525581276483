import ConnectorProtocol
import Foundation

/// What is known of a disk whose blocks are all there: enough to finish it, and to answer `disk/receive` again without
/// another transfer. A tag of its snapshot; it fits into the 256 characters of one.
struct Receipt: Hashable, Sendable {
  /// Of what was sent: `Receipt.name(of:)`.
  var generation: String
  var read: Int64
  var sent: Int64
  var skipped: Int64
  /// Different blocks that were written.
  var blocks: Int64
  var digest: String
  /// The aggregate that EBS checks, in Base64; nil where it could not be computed.
  var linear: String?

  init(
    generation: String, read: Int64, sent: Int64, skipped: Int64, blocks: Int64, digest: String, linear: String?
  ) {
    self.generation = generation
    self.read = read
    self.sent = sent
    self.skipped = skipped
    self.blocks = blocks
    self.digest = digest
    self.linear = linear
  }

  init?(_ text: String) {
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count == 6 || parts.count == 7, let read = Int64(parts[1]), let sent = Int64(parts[2]),
      let skipped = Int64(parts[3]), let blocks = Int64(parts[4]), ContentDigest.isWellFormed(parts[5])
    else { return nil }
    self.init(
      generation: parts[0], read: read, sent: sent, skipped: skipped, blocks: blocks, digest: parts[5],
      linear: parts.count == 7 ? parts[6] : nil)
  }

  var text: String {
    "\(generation) \(read) \(sent) \(skipped) \(blocks) \(digest)" + (linear.map { " " + $0 } ?? "")
  }

  /// A generation is text of the host's; a tag has room for 24 digits of its hash.
  static func name(of generation: String) -> String {
    String(SHA256.hex(SHA256.hash(.init(generation.utf8))).prefix(24))
  }
}
