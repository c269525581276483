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

  public init(offset: Int64, bytes: UnsafeRawBufferPointer) {
    self.offset = offset
    self.bytes = bytes
  }

  public var count: Int { bytes.count }
  public var end: Int64 { offset + Int64(bytes.count) }

  /// A copy of the bytes.
  public var data: Data { Data(bytes) }

  /// True where all bytes are zeros: they need not be sent to a disk that reads as zeros already.
  public var isZero: Bool { Self.isZero(bytes) }

  /// True where all of `bytes` are zeros: the first few are, and each byte equals the one a little before it.
  package static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let probe = 16
    guard bytes.count > probe, let base = bytes.baseAddress else { return bytes.allSatisfy { $0 == 0 } }
    guard bytes.prefix(probe).allSatisfy({ $0 == 0 }) else { return false }
    return memcmp(base, base + probe, bytes.count - probe) == 0
  }
}
