/// A stretch of a disk.
public struct DiskExtent: Hashable, Sendable {
  /// Bytes from the disk's start.
  public var offset: Int64
  public var length: Int64
  /// True where it may hold other bytes than zeros.
  public var allocated: Bool

  public init(offset: Int64, length: Int64, allocated: Bool) {
    self.offset = offset
    self.length = length
    self.allocated = allocated
  }

  public var end: Int64 { offset + length }
}
