import Support

/// The header of a VMDK that holds its own data (`KDMV`): monolithicSparse and streamOptimized.
struct VMDKHeader: Equatable {
  /// Virtual size in sectors. 0 makes a reader take the embedded descriptor for the real one.
  var capacitySectors: UInt64
  /// Where the embedded descriptor is, in bytes; 0 where there is none.
  var descriptorOffset: Int64
  var descriptorLength: Int

  /// The longest descriptor that is read: what qemu reads.
  static let longestDescriptor = 20 * 512

  /// The header, or nil where the image is no such VMDK.
  static func read(_ window: FileWindow) throws(AscendError) -> VMDKHeader? {
    let bytes = try window.read(at: 0, count: 512)
    guard bytes.starts(with: "KDMV") else { return nil }
    guard
      let capacity = bytes.integer(UInt64.self, at: 12, bigEndian: false),
      let offset = bytes.integer(UInt64.self, at: 28, bigEndian: false),
      let size = bytes.integer(UInt64.self, at: 36, bigEndian: false)
    else {
      throw AscendError(
        "disk.malformed", "The VMDK header is cut short", object: window.path,
        remedy: "Take the image from another copy of the backup")
    }
    let sectors = UInt64(window.length / 512)
    let inside = offset > 0 && offset < sectors
    return VMDKHeader(
      capacitySectors: capacity, descriptorOffset: inside ? Int64(offset) * 512 : 0,
      descriptorLength: inside ? Int(min(size, UInt64(longestDescriptor / 512))) * 512 : 0)
  }
}
