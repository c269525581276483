public import ConnectorDisk
import ConnectorProtocol

/// A VHDX of the dynamic kind, with an empty log: blocks of zeros are not stored.
///
/// Follows [MS-VHDX]. The disk's extents are looked up first, without reading it, so that all tables can stand before
/// the blocks; blocks are in the order of the disk.
public struct DynamicVHDXEncoder: ImageEncoder {
  public struct Options: Hashable, Sendable {
    /// Bytes of a block: a power of two from 1 MiB to 256 MiB; others are taken to the nearest. Small blocks make small
    /// images. Disks of more than 1 TiB have larger ones, so that no table exceeds 8 MiB.
    public var blockBytes: Int64 = 1 << 20
    /// 512 or 4096: what a guest is told of the drive beneath. Its sectors are of 512 bytes in both.
    public var physicalSectorBytes: UInt32 = 512
    /// What the image's identifiers follow from, beside its size: two disks of one machine need two.
    public var identity = ""

    public init() {}
  }

  /// What a VHDX may have by its specification.
  public static let largestDisk: Int64 = 64 << 40
  private static let largestTable: Int64 = 8 << 20

  /// A whole number of sectors.
  public let sizeBytes: Int64
  /// Of each block of this image.
  public let blockBytes: Int64
  public let options: Options

  /// - Parameter sizeBytes: Of the disk in the image; rounded up to whole sectors of 512 bytes.
  public init(sizeBytes: Int64, options: Options = Options()) {
    self.sizeBytes = max(Int64(Sector.bytes), Sector.roundUp(max(0, sizeBytes)))
    self.options = options
    var block: Int64 = 1 << 20
    while block < 256 << 20, block < options.blockBytes || self.sizeBytes / block * 8 > Self.largestTable { block *= 2 }
    blockBytes = block
  }

  public var chunkBytes: Int { EncodedImageLimits.largestPiece }
  public var alignment: Int { RunPacker.step }
  public var threads: Int { 0 }

  public func largestImage(allocatedBytes: Int64) -> Int64 {
    let most = allocatedBytes / Int64(alignment) + (allocatedBytes % Int64(alignment) == 0 ? 0 : 1)
    let empty = VHDXLayout(
      sizeBytes: sizeBytes, options: options, map: BlockMap(sizeBytes: sizeBytes, blockBytes: blockBytes))
    return empty.imageBytes + min(most, empty.map.blocks) * blockBytes
  }

  public func imageBytes(of reader: DiskReader) async throws -> Int64? { try await layout(reader).imageBytes }
  public func makePacker() -> RunPacker { RunPacker() }

  /// - Throws: `diskUnsupported` for a disk of more than 64 TiB, `sourceUnavailable`.
  public func makeAssembler(for reader: DiskReader) async throws -> VHDXAssembler {
    VHDXAssembler(try await layout(reader))
  }

  private func layout(_ reader: DiskReader) async throws -> VHDXLayout {
    guard sizeBytes <= Self.largestDisk else {
      throw ConnectorError(
        .diskUnsupported, "A VHDX holds at most \(Self.largestDisk) bytes; this disk has \(sizeBytes).",
        remedy: "Use another format for this disk.", outcome: .none)
    }
    let map = try await BlockMap.read(reader, sizeBytes: sizeBytes, blockBytes: blockBytes)
    return VHDXLayout(sizeBytes: sizeBytes, options: options, map: map)
  }
}
