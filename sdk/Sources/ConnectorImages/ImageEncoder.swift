public import ConnectorDisk

/// Turns the allocated extents of a disk into the bytes of an image, in order, without ever holding the image.
///
/// `encode(_:as:)` drives it: chunks of the disk are packed by a `ChunkPacker` on several threads at once, then put into
/// the image one after the other, in the order of their offsets, by an `ImageAssembler`. The same disk and the same
/// options give the same bytes.
public protocol ImageEncoder: Sendable {
  associatedtype Packer: ChunkPacker
  associatedtype Assembler: ImageAssembler

  /// The size of the disk in the image, in bytes: at least that of the disk that is read. What is beyond it is zeros.
  var sizeBytes: Int64 { get }
  /// No chunk crosses a multiple of this. At most `EncodedImage.largestPiece`.
  var chunkBytes: Int { get }
  /// Chunks begin and end at multiples of this, or at the disk's end. Divides `chunkBytes`.
  var alignment: Int { get }
  /// How many threads pack; 0 where packing is no work, and is done by those that read.
  var threads: Int { get }

  /// Bytes of the image at most, where `allocatedBytes` of the disk hold data, counted in whole multiples of `alignment`.
  func largestImage(allocatedBytes: Int64) -> Int64

  /// Bytes of the image of this disk, exactly, where that is known before it is made; nil otherwise.
  ///
  /// - Throws: `diskUnsupported`, `sourceUnavailable`.
  func imageBytes(of reader: DiskReader) async throws -> Int64?

  /// A packer for one thread.
  func makePacker() -> Packer

  /// What puts the image together. It may look at the disk's extents first.
  ///
  /// - Throws: `diskUnsupported` where the format cannot hold the disk; `sourceUnavailable`.
  func makeAssembler(for reader: DiskReader) async throws -> Assembler
}

extension ImageEncoder {
  public func imageBytes(of reader: DiskReader) async throws -> Int64? { nil }
}

/// Makes of the bytes of a disk what an image stores for them. Each thread has its own.
public protocol ChunkPacker: SendableMetatype {
  mutating func pack(_ bytes: [UInt8], at offset: Int64) throws -> PackedChunk
}

/// Puts packed chunks, in the order of the disk, into the image.
public protocol ImageAssembler {
  /// Appends what comes before the first chunk.
  mutating func begin(_ output: inout ImageOutput) throws
  mutating func add(_ chunk: PackedChunk, to output: inout ImageOutput) throws
  /// Appends what comes after the last chunk.
  mutating func end(_ output: inout ImageOutput) throws
}

/// What an image stores for a chunk of a disk.
public struct PackedChunk: Sendable {
  /// A part that the image's tables point to.
  public struct Part: Hashable, Sendable {
    /// Its number on the disk.
    public var index: Int64
    /// Where it begins in `bytes`.
    public var start: Int

    public init(index: Int64, start: Int) {
      self.index = index
      self.start = start
    }
  }

  /// Where the chunk begins on the disk, and how much of the disk it is.
  public var offset: Int64
  public var length: Int
  public var bytes: [UInt8]
  public var parts: [Part]

  public init(offset: Int64, length: Int, bytes: [UInt8], parts: [Part] = []) {
    self.offset = offset
    self.length = length
    self.bytes = bytes
    self.parts = parts
  }

  public var end: Int64 { offset + Int64(length) }
}
