import Foundation

/// The structures of a streamOptimized VMDK, byte by byte.
struct StreamOptimizedLayout {
  enum Marker: UInt32 {
    case endOfStream = 0
    case table = 1
    case directory = 2
    case footer = 3
  }

  /// The header and the descriptor, before the first grain.
  static let overheadBytes: Int64 = 64 << 10
  /// Where the directory is, in the header: at the end, as the footer says.
  static let atEnd = UInt64.max
  private static let descriptorSectors = 20

  let sizeBytes: Int64
  let options: StreamOptimizedEncoder.Options

  static func tableCount(_ sizeBytes: Int64) -> Int64 {
    let covered = Int64(StreamOptimizedEncoder.grainBytes * StreamOptimizedEncoder.grainsPerTable)
    return sizeBytes / covered + (sizeBytes % covered == 0 ? 0 : 1)
  }

  /// The header; the footer is the same, but knows where the directory is.
  func header(directorySector: UInt64) -> [UInt8] {
    var header = ByteBuilder(count: Sector.bytes)
    header.put("KDMV".utf8, at: 0)
    header.little(UInt32(3), at: 4)
    // Line ends can be checked, grains are compressed, grains and tables have markers.
    header.little(UInt32(0x30001), at: 8)
    header.little(UInt64(sizeBytes) / UInt64(Sector.bytes), at: 12)
    header.little(UInt64(StreamOptimizedEncoder.grainBytes / Sector.bytes), at: 20)
    header.little(UInt64(1), at: 28)
    header.little(UInt64(Self.descriptorSectors), at: 36)
    header.little(UInt32(StreamOptimizedEncoder.grainsPerTable), at: 44)
    header.little(directorySector, at: 56)
    header.little(UInt64(Self.overheadBytes) / UInt64(Sector.bytes), at: 64)
    header.put("\n \r\n".utf8, at: 73)
    header.little(UInt16(1), at: 77)
    return header.bytes
  }

  /// A marker: what follows, and in how many sectors.
  func marker(_ kind: Marker, sectors: Int) -> [UInt8] {
    var marker = ByteBuilder(count: Sector.bytes)
    marker.little(UInt64(sectors), at: 0)
    marker.little(kind.rawValue, at: 12)
    return marker.bytes
  }

  /// Numbers of sectors, as tables and the directory hold them, in whole sectors.
  func entries(_ entries: [UInt32]) -> [UInt8] {
    let count = Int(Sector.roundUp(Int64(entries.count * 4)))
    return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      let raw = UnsafeMutableRawBufferPointer(target)
      raw.initializeMemory(as: UInt8.self, repeating: 0)
      for (index, entry) in entries.enumerated() {
        raw.storeBytes(of: entry.littleEndian, toByteOffset: index * 4, as: UInt32.self)
      }
      filled = count
    }
  }

  /// The descriptor, in the sectors that the header says.
  func descriptor() -> [UInt8] {
    var descriptor = ByteBuilder(count: Self.descriptorSectors * Sector.bytes)
    // One that a caller's names have made longer than its place is cut: the names are for people.
    descriptor.put(descriptorText.utf8.prefix(Self.descriptorSectors * Sector.bytes), at: 0)
    return descriptor.bytes
  }

  private var descriptorText: String {
    let sectors = sizeBytes / Int64(Sector.bytes)
    let ide = options.adapterType == "ide"
    let (heads, perTrack): (Int64, Int64) = ide ? (16, 63) : (255, 63)
    let cylinders = min(max(1, sectors / (heads * perTrack)), ide ? 16383 : 65535)
    let content = String(format: "%08x", options.contentID)
    return """
      # Disk DescriptorFile
      version=1
      CID=\(content)
      parentCID=ffffffff
      createType="streamOptimized"

      # Extent description
      RDONLY \(sectors) SPARSE "\(Self.quotable(options.name))"

      # The Disk Data Base
      #DDB

      ddb.adapterType = "\(Self.quotable(options.adapterType))"
      ddb.geometry.cylinders = "\(cylinders)"
      ddb.geometry.heads = "\(heads)"
      ddb.geometry.sectors = "\(perTrack)"
      ddb.longContentID = "\(String(repeating: "0", count: 24))\(content)"
      ddb.toolsVersion = "2147483647"
      ddb.virtualHWVersion = "\(options.hardwareVersion)"

      """
  }

  /// A name that can stand between quotes on one line.
  private static func quotable(_ name: String) -> String {
    String(name.unicodeScalars.filter { $0 != "\"" && $0.value >= 0x20 }.prefix(255).map(Character.init))
  }
}
