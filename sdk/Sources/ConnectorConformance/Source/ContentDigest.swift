import ConnectorProtocol
import Foundation

/// The content digest of `protocol/README.md`, as an independent party computes it: from leaves of 1 MiB blocks.
struct ContentDigest {
  static let blockBytes = 1 << 20
  static let zeroLeaf = leaf([UInt8](repeating: 0, count: blockBytes))

  private var leaves: [[UInt8]] = []

  /// `block` may be shorter than 1 MiB only where it is the last; nil is a block of zeros.
  mutating func add(_ block: [UInt8]?) {
    guard let block else {
      leaves.append(Self.zeroLeaf)
      return
    }
    leaves.append(Self.leaf(block))
  }

  private static func leaf(_ block: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(Data([0]))
    block.withUnsafeBytes { hash.update($0) }
    hash.update(Data(count: blockBytes - block.count))
    return hash.finish()
  }

  func text(sizeBytes: Int64) -> String {
    var level = leaves.isEmpty ? [SHA256.hash(Data())] : leaves
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { at in
        at + 1 < level.count ? SHA256.hash(Data([1] + level[at] + level[at + 1])) : level[at]
      }
    }
    let size = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: sizeBytes >> Int64($0)) }
    return "ascend1:" + SHA256.hex(Data([2] + size + level[0]))
  }
}
