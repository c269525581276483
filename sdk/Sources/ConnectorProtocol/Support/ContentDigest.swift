import Foundation

/// The content digest of a disk (`protocol/README.md`, section 12), from its blocks in order.
///
/// It holds one hash for each set bit in the number of blocks so far, never more than 64; a run of zeros of any length
/// is added in as many steps, from the hashes of subtrees of zeros.
public struct ContentDigest: Hashable, Sendable {
  /// 512 KiB, as EBS has it: a leaf is then also what that wants to be told of a block.
  public static let blockBytes = 512 << 10
  public static let prefix = "ascend1:"

  /// The roots of the whole subtrees that the blocks so far make, the largest first: one of 2^n leaves for each bit n
  /// that is set in `blocks`.
  private var roots: [[UInt8]] = []
  /// How many blocks were added.
  public private(set) var blocks: Int64 = 0

  public init() {}

  /// How many blocks a disk of that size has.
  public static func blocks(of sizeBytes: Int64) -> Int64 {
    let (count, rest) = max(0, sizeBytes).quotientAndRemainder(dividingBy: Int64(blockBytes))
    return count + (rest > 0 ? 1 : 0)
  }

  // MARK: Adding

  /// Adds the next block, by its leaf.
  public mutating func add(leaf: [UInt8]) {
    push(leaf, level: 0)
  }

  /// Adds a run of blocks of zeros.
  public mutating func addZeros(blocks count: Int64) {
    var left = count
    while left > 0 {
      // The largest subtree that both starts here and fits.
      let fits = Int64.bitWidth - 1 - left.leadingZeroBitCount
      let level = blocks == 0 ? fits : min(blocks.trailingZeroBitCount, fits)
      push(Self.zeroRoots[level], level: level)
      left -= 1 << Int64(level)
    }
  }

  private mutating func push(_ root: [UInt8], level: Int) {
    var root = root
    var bit = Int64(1) << Int64(level)
    blocks += bit
    // Like the carries of an addition: each pair of subtrees of one size makes one of the next.
    while blocks & bit == 0, let left = roots.popLast() {
      root = Self.join(left, root)
      bit <<= 1
    }
    roots.append(root)
  }

  // MARK: The result

  /// The digest of a disk of that size, or nil where not all of its blocks were added, or more.
  public func text(sizeBytes: Int64) -> String? {
    guard sizeBytes >= 0, blocks == Self.blocks(of: sizeBytes) else { return nil }
    let root = roots.dropLast().reversed().reduce(roots.last ?? SHA256.hash(Data())) { Self.join($1, $0) }
    let size = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: sizeBytes >> Int64($0)) }
    return Self.prefix + SHA256.hex(SHA256.hash(Data([2] + size + root)))
  }

  /// True for text that can be a digest.
  public static func isWellFormed(_ text: String) -> Bool {
    guard text.hasPrefix(prefix) else { return false }
    let digits = text.utf8.dropFirst(prefix.utf8.count)
    return digits.count == 2 * SHA256.byteCount && digits.allSatisfy(Self.isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  // MARK: The state

  /// Everything that is needed to go on after these blocks: fewer than 4200 characters, no spaces.
  public var state: String {
    "\(blocks):" + roots.map { SHA256.hex($0) }.joined()
  }

  /// - Parameter state: Of an earlier value. Nil where it is none.
  public init?(state: String) {
    let parts = state.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let blocks = Int64(parts[0]), blocks >= 0, parts[1].utf8.allSatisfy(Self.isDigit),
      parts[1].utf8.count == blocks.nonzeroBitCount * 2 * SHA256.byteCount
    else { return nil }
    self.blocks = blocks
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in parts[1].utf8 {
      let value = digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    roots = stride(from: 0, to: bytes.count, by: SHA256.byteCount).map { Array(bytes[$0..<$0 + SHA256.byteCount]) }
  }

  // MARK: Hashes

  /// The leaf of a block; one that is shorter than 512 KiB is padded with zeros.
  public static func leaf(of block: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = SHA256()
    hash.update(block)
    updateZeros(&hash, count: blockBytes - block.count)
    return hash.finish()
  }

  /// Adds zeros to a hash.
  public static func updateZeros(_ hash: inout SHA256, count: Int) {
    var left = count
    zeros.withUnsafeBytes { zeros in
      while left > 0 {
        let step = min(left, zeros.count)
        hash.update(UnsafeRawBufferPointer(rebasing: zeros[..<step]))
        left -= step
      }
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  /// The leaf of a block of zeros.
  public static var zeroLeaf: [UInt8] { zeroRoots[0] }

  /// The roots of subtrees of 2^n blocks of zeros.
  private static let zeroRoots: [[UInt8]] = {
    var roots = [leaf(of: UnsafeRawBufferPointer(start: nil, count: 0))]
    while roots.count < Int64.bitWidth { roots.append(join(roots[roots.count - 1], roots[roots.count - 1])) }
    return roots
  }()

  private static func join(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    SHA256.hash(Data([1] + left + right))
  }
}
