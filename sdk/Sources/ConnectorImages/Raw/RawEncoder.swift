public import ConnectorDisk

/// A raw image: the disk's bytes as a guest sees them.
///
/// `EncodedImage.pieces` tells where its zeros are, so that they need not be sent.
public struct RawEncoder: ImageEncoder {
  public let sizeBytes: Int64

  /// - Parameter sizeBytes: Of the image; what it has more than the disk is zeros.
  public init(sizeBytes: Int64) {
    self.sizeBytes = max(0, sizeBytes)
  }

  public var chunkBytes: Int { EncodedImageLimits.largestPiece }
  public var alignment: Int { RunPacker.step }
  public var threads: Int { 0 }

  public func largestImage(allocatedBytes: Int64) -> Int64 { sizeBytes }
  public func imageBytes(of reader: DiskReader) -> Int64? { sizeBytes }
  public func makePacker() -> RunPacker { RunPacker() }

  public func makeAssembler(for reader: DiskReader) -> RawAssembler {
    RawAssembler(sizeBytes: sizeBytes, trailer: [])
  }
}
