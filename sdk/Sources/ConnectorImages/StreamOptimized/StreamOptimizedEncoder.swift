public import ConnectorDisk
import ConnectorProtocol
import Foundation

/// A VMDK of the kind streamOptimized: compressed grains of 64 KiB in the order of the disk, each table behind its
/// grains, the directory and the footer at the end. Grains of zeros are left out.
///
/// Follows "Virtual Disk Format 5.0", with the zlib wrapping of grains that all known readers and writers share.
public struct StreamOptimizedEncoder: ImageEncoder {
  public struct Options: Hashable, Sendable {
    /// 1 (fastest) to 12 (smallest).
    public var compressionLevel = 1
    /// How many threads compress; nil for one on each core.
    public var threads: Int?
    /// The name of the file in the image's own descriptor.
    public var name = "disk.vmdk"
    /// `lsilogic` for all controllers but IDE, which is `ide`.
    public var adapterType = "lsilogic"
    /// `ddb.virtualHWVersion`.
    public var hardwareVersion = 4
    /// The CID. The default says that none was computed: the same disk makes the same bytes.
    public var contentID: UInt32 = 0xffff_fffe

    public init() {}
  }

  static let grainBytes = 64 << 10
  static let grainsPerTable = 512

  /// A whole number of sectors.
  public let sizeBytes: Int64
  public let options: Options
  public let threads: Int

  /// - Parameter sizeBytes: Of the disk in the image; rounded up to whole sectors of 512 bytes.
  public init(sizeBytes: Int64, options: Options = Options()) {
    self.sizeBytes = Sector.roundUp(max(0, sizeBytes))
    self.options = options
    threads = max(1, min(options.threads ?? ProcessInfo.processInfo.activeProcessorCount, 64))
  }

  public var chunkBytes: Int { 512 << 10 }
  public var alignment: Int { Self.grainBytes }

  /// Bytes that an image has usually: data of a system's disks comes to about half.
  ///
  /// - Parameters:
  ///   - allocatedBytes: Of the disk, those that may hold other bytes than zeros.
  ///   - sizeBytes: Of the disk.
  public static func estimate(allocatedBytes: Int64, sizeBytes: Int64) -> Int64 {
    let encoder = StreamOptimizedEncoder(sizeBytes: sizeBytes)
    return encoder.tableBytes(allocatedBytes: allocatedBytes) + allocatedBytes / 2
  }

  public func largestImage(allocatedBytes: Int64) -> Int64 {
    let grains = (min(allocatedBytes, sizeBytes) + Int64(Self.grainBytes) - 1) / Int64(Self.grainBytes)
    return tableBytes(allocatedBytes: allocatedBytes) + grains * Int64(GrainPacker.largestRecord)
  }

  /// Everything but the grains, at most.
  private func tableBytes(allocatedBytes: Int64) -> Int64 {
    let grains = (min(allocatedBytes, sizeBytes) + Int64(Self.grainBytes) - 1) / Int64(Self.grainBytes)
    let tables = min(grains, StreamOptimizedLayout.tableCount(sizeBytes))
    let directory = Sector.roundUp(StreamOptimizedLayout.tableCount(sizeBytes) * 4)
    return StreamOptimizedLayout.overheadBytes + tables * Int64(5 * Sector.bytes) + directory + Int64(4 * Sector.bytes)
  }

  public func makePacker() -> GrainPacker { GrainPacker(level: options.compressionLevel) }

  /// - Throws: `diskUnsupported` for a disk of more than 1 PiB, whose tables would not fit into memory.
  public func makeAssembler(for reader: DiskReader) throws -> StreamOptimizedAssembler {
    try StreamOptimizedAssembler(sizeBytes: sizeBytes, options: options)
  }
}

enum Sector {
  static let bytes = 512

  static func roundUp(_ count: Int64) -> Int64 {
    (count / Int64(bytes) + (count % Int64(bytes) == 0 ? 0 : 1)) * Int64(bytes)
  }
}
