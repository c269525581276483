public import Foundation

/// A disk that a platform gives away in blocks of one size, some of which it does not store: those are zeros.
///
/// Calls come from several tasks at once. Its content never changes.
public protocol BlockSource: Sendable {
  var sizeBytes: Int64 { get }
  /// The length of every block; what of the last one lies behind the end is not served.
  var blockBytes: Int { get }

  /// The blocks from `index` on that are all stored, or all not: at least one, and as many as can be told at once.
  func run(from index: Int64) async throws -> BlockRun

  /// The `blockBytes` bytes of a block that is stored. Called as seldom as the cache allows.
  func block(_ index: Int64) async throws -> Data
}

/// Blocks that follow each other.
public struct BlockRun: Hashable, Sendable {
  public var count: Int64
  public var isStored: Bool

  public init(count: Int64, isStored: Bool) {
    self.count = count
    self.isStored = isStored
  }
}
