public import Foundation

/// A disk that a `DiskServer` offers, read-only. Its bytes never change.
///
/// Calls come from several tasks at once.
public protocol ServedDisk: Sendable {
  var sizeBytes: Int64 { get }

  /// A stretch that begins at `offset` and is all data, or reads as zeros: from 1 to `most` bytes long. It need not be
  /// as long as it could be.
  func extent(at offset: Int64, most: Int64) async throws -> ServedExtent

  /// `count` bytes, which lie in the disk: at most `DiskServer.pieceBytes`.
  func read(at offset: Int64, count: Int) async throws -> Data
}

/// The beginning of a stretch of a disk.
public struct ServedExtent: Hashable, Sendable {
  public var length: Int64
  /// True where it reads as zeros, which then need not be read.
  public var isZero: Bool

  public init(length: Int64, isZero: Bool) {
    self.length = length
    self.isZero = isZero
  }
}
