import Foundation
import Support

/// Makes an initramfs of an old one and an archive of additions, on this computer.
///
/// The kernel unpacks the archives in their order and later files win; the old ones stay as they are. That is chosen
/// over the guest's own tool in every case: no program of the guest runs, it takes a second instead of minutes where
/// the appliance is emulated, it works the same for guests of another architecture, and it cannot lose anything.
/// The guest's tool does its part later, at the next kernel update, from the configuration that is written too.
enum InitramfsBuilder {
  /// - Parameters:
  ///   - old: The old file's bytes and what `InitramfsReader` found in them.
  ///   - archive: A finished cpio archive.
  /// - Returns: The size of the new file.
  static func build(
    old: UnsafeRawBufferPointer, contents: InitramfsContents, adding archive: URL, into new: URL
  ) throws(AscendError) -> Int64 {
    let file = try OutputFile(creating: new)
    if contents.segments.contains(where: { $0.kind == .lz4 }) {
      try repack(old, contents, file)
    } else {
      try file.write(old)
    }
    // The kernel wants an archive at a multiple of four bytes; 512 is what cpio itself pads to.
    try file.write([UInt8](repeating: 0, count: Int((512 - file.size % 512) % 512)))
    try MappedFile(archive).withBytes { bytes throws(AscendError) in try file.write(bytes) }
    return file.size
  }

  /// Rewrites lz4 parts as gzip: kernels before 5.15 do not see where an lz4 part ends and refuse what follows it.
  private static func repack(
    _ old: UnsafeRawBufferPointer, _ contents: InitramfsContents, _ file: OutputFile
  ) throws(AscendError) {
    for segment in contents.segments {
      try file.write([UInt8](repeating: 0, count: Int((4 - file.size % 4) % 4)))
      let part = UnsafeRawBufferPointer(rebasing: old[segment.offset..<(segment.offset + segment.length)])
      if segment.kind == .lz4 {
        try Recompressor(to: file).run(part, offset: segment.offset)
      } else {
        try file.write(part)
      }
    }
  }
}
