public import ConnectorDisk
import ConnectorProtocol

/// A VHD of fixed size: the disk's bytes as a guest sees them, and a footer of 512 bytes.
///
/// The size is exact, and a whole number of MiB as Azure wants it; the image has that and 512 bytes more. Reads by its
/// size field as well as, up to 127 GiB or so, by its geometry.
public struct FixedVHDEncoder: ImageEncoder {
  public struct Options: Hashable, Sendable {
    /// The disk is made larger to a multiple of this many bytes, itself one of 512.
    public var alignmentBytes: Int64 = 1 << 20
    /// What the image's unique identifier follows from, beside its size: two disks of one machine need two.
    public var identity = ""
    /// When it was made, in seconds since 2000-01-01T00:00:00Z. The default keeps the same disk's bytes the same.
    public var createdSeconds: UInt32 = 0
    /// What a VHD may have by its specification, 2040 GiB. Azure takes disks of 32 TiB, which other readers refuse.
    public var largestDisk: Int64 = 2040 << 30

    public init() {}
  }

  public let sizeBytes: Int64
  public let options: Options

  /// - Parameter sizeBytes: Of the disk in the image, before it is aligned.
  public init(sizeBytes: Int64, options: Options = Options()) {
    let step = max(Int64(Sector.bytes), Sector.roundUp(options.alignmentBytes))
    let steps = max(0, sizeBytes) / step + (max(0, sizeBytes) % step == 0 ? 0 : 1)
    self.sizeBytes = max(1, steps) * step
    self.options = options
  }

  /// Bytes of the image.
  public var imageBytes: Int64 { sizeBytes + Int64(VHDFooter.byteCount) }

  public var chunkBytes: Int { EncodedImageLimits.largestPiece }
  public var alignment: Int { RunPacker.step }
  public var threads: Int { 0 }

  public func largestImage(allocatedBytes: Int64) -> Int64 { imageBytes }
  public func imageBytes(of reader: DiskReader) -> Int64? { imageBytes }
  public func makePacker() -> RunPacker { RunPacker() }

  /// - Throws: `diskUnsupported` for a disk that is larger than the options allow.
  public func makeAssembler(for reader: DiskReader) throws -> RawAssembler {
    guard sizeBytes <= options.largestDisk else {
      throw ConnectorError(
        .diskUnsupported, "A VHD holds at most \(options.largestDisk) bytes; this disk has \(sizeBytes).",
        remedy: "Use another format for this disk, such as VHDX.", outcome: .none)
    }
    return RawAssembler(sizeBytes: sizeBytes, trailer: VHDFooter(sizeBytes: sizeBytes, options: options).bytes)
  }
}
