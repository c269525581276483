public import ConnectorProtocol
import Synchronization

/// The content digest of a disk while it is read: blocks come in any order, from several threads.
///
/// Memory: a hash for each block that came before one ahead of it, which are those that are being read at the moment.
public final class ContentDigester: Sendable {
  private enum Run {
    case leaf([UInt8])
    case zeros(Int64)
  }

  private struct State {
    var digest: ContentDigest
    /// What came too early, by its first block.
    var early: [Int64: Run] = [:]
  }

  public let sizeBytes: Int64
  private let state: Mutex<State>

  /// - Parameter earlier: The digest's state at the checkpoint that is resumed.
  public init(sizeBytes: Int64, resuming earlier: ContentDigest = ContentDigest()) {
    self.sizeBytes = sizeBytes
    state = Mutex(State(digest: earlier))
  }

  /// How far the digest has come without a gap, in bytes from the disk's start: a whole number of blocks, or the end.
  public var through: Int64 { point.through }

  /// That, and the digest's state there.
  public var point: (through: Int64, digest: ContentDigest) {
    let digest = state.withLock { $0.digest }
    let (bytes, overflow) = digest.blocks.multipliedReportingOverflow(by: Int64(ContentDigest.blockBytes))
    return (overflow ? sizeBytes : min(bytes, sizeBytes), digest)
  }

  /// The digest, or nil until everything was read.
  public var text: String? { point.digest.text(sizeBytes: sizeBytes) }

  func add(leaf: [UInt8], at block: Int64) {
    add(.leaf(leaf), at: block)
  }

  func addZeros(blocks: Range<Int64>) {
    if !blocks.isEmpty { add(.zeros(blocks.upperBound - blocks.lowerBound), at: blocks.lowerBound) }
  }

  private func add(_ run: Run, at block: Int64) {
    state.withLock { state in
      state.early[block] = run
      while let next = state.early.removeValue(forKey: state.digest.blocks) {
        switch next {
        case .leaf(let leaf): state.digest.add(leaf: leaf)
        case .zeros(let count): state.digest.addZeros(blocks: count)
        }
      }
    }
  }
}
