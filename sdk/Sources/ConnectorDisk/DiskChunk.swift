import ConnectorProtocol
public import Foundation

/// Bytes of a disk that were read at once.
///
/// The memory is used again as soon as the body that was given the chunk returns: what is kept longer must be copied
/// (`data`).
///
/// `@unchecked Sendable`: nobody writes to the memory while the body has the chunk.
public struct DiskChunk: @unchecked Sendable {
  /// Bytes from the disk's start.
  public let offset: Int64
  public let bytes: UnsafeRawBufferPointer
  /// True where all bytes are zeros: they need not be sent to a disk that reads as zeros already.
  public let isZero: Bool
  /// The content digest's leaf of these bytes, which is the SHA-256 of them, filled up with zeros to a whole block at
  /// the disk's end. Nil where no digest is asked for, where the bytes are zeros, and where they are not one block.
  public let leaf: [UInt8]?

  public init(offset: Int64, bytes: UnsafeRawBufferPointer) {
    self.init(offset: offset, bytes: bytes, isBlock: false)
  }

  /// - Parameter isBlock: Whether they are one of the content digest's blocks, and its leaf is wanted.
  init(offset: Int64, bytes: UnsafeRawBufferPointer, isBlock: Bool) {
    self.offset = offset
    self.bytes = bytes
    isZero = Self.isZero(bytes)
    leaf = isBlock && !isZero ? ContentDigest.leaf(of: bytes) : nil
  }

  public var count: Int { bytes.count }
  public var end: Int64 { offset + Int64(bytes.count) }

  /// A copy of the bytes.
  public var data: Data { Data(bytes) }

  /// True where all of `bytes` are zeros: the first few are, and each byte equals the one a little before it.
  package static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let probe = 16
    guard bytes.count > probe, let base = bytes.baseAddress else { return bytes.allSatisfy { $0 == 0 } }
    guard bytes.prefix(probe).allSatisfy({ $0 == 0 }) else { return false }
    return memcmp(base, base + probe, bytes.count - probe) == 0
  }
}
