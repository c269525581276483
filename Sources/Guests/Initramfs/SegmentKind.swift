/// What one part of an initramfs file is. The kernel unpacks several parts, one after the other.
enum SegmentKind: String, Codable, Sendable, CaseIterable {
  case cpio
  case gzip
  case xz
  case zstd
  case lz4
  case bzip2
  case lzma

  /// By the first bytes (lib/decompress.c of the Linux sources); lz4 is the "legacy" framing, the one kernels read.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    func starts(_ magic: [UInt8]) -> Bool {
      bytes.count - offset >= magic.count && magic.indices.allSatisfy { bytes[offset + $0] == magic[$0] }
    }
    if starts(Array("070701".utf8)) || starts(Array("070702".utf8)) {
      self = .cpio
    } else if starts([0x1f, 0x8b]) {
      self = .gzip
    } else if starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      self = .xz
    } else if starts([0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstd
    } else if starts([0x02, 0x21, 0x4c, 0x18]) {
      self = .lz4
    } else if starts([0x42, 0x5a, 0x68]) {
      self = .bzip2
    } else if starts([0x5d, 0x00, 0x00]) {
      self = .lzma
    } else {
      return nil
    }
  }
}
