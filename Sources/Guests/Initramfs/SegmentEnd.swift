import Glibc

/// Finds where a compressed part ends, from its framing alone: what follows it may be another part, which a
/// decompressor would take for damage.
enum SegmentEnd {
  /// The offset after the part that starts at `start`; nil for kinds whose end only decompression shows.
  static func find(_ kind: SegmentKind, _ bytes: UnsafeRawBufferPointer, from start: Int) throws(InitramfsError) -> Int?
  {
    switch kind {
    case .zstd: try zstd(bytes, from: start)
    case .xz: try xz(bytes, from: start)
    case .lz4: lz4(bytes, from: start)
    case .cpio, .gzip, .bzip2, .lzma: nil
    }
  }

  /// RFC 8878: a frame header, blocks that state their size, perhaps a checksum.
  private static func zstd(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(InitramfsError) -> Int {
    guard bytes.count - start > 5 else { throw .truncated(offset: start) }
    let descriptor = bytes[start + 4]
    let singleSegment = descriptor & 0x20 != 0
    let sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    let dictionaryBytes = [0, 1, 2, 4][Int(descriptor & 3)]
    var position = start + 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
    while true {
      guard position + 3 <= bytes.count else { throw .truncated(offset: start) }
      let header = Int(bytes[position]) | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2]) << 16
      let type = header >> 1 & 3
      guard type != 3 else { throw .damaged(offset: start, "a zstd block has no known type") }
      // A run-length block holds one byte, however many it stands for.
      position += 3 + (type == 1 ? 1 : header >> 3)
      if header & 1 == 1 { break }
    }
    if descriptor & 4 != 0 { position += 4 }
    guard position <= bytes.count else { throw .truncated(offset: start) }
    return position
  }

  /// The .xz format, 2.1.2: a stream ends with a footer that names the size of the index before it. Both have
  /// checksums, so a footer is recognised for certain wherever it stands.
  private static func xz(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(InitramfsError) -> Int {
    guard let base = bytes.baseAddress, bytes.count - start >= 32 else { throw .truncated(offset: start) }
    var position = start + 12
    while position < bytes.count {
      guard let hit = memchr(base + position, 0x59, bytes.count - position) else { break }
      let found = base.distance(to: UnsafeRawPointer(hit))
      position = found + 1
      let footer = found - 10
      guard found + 1 < bytes.count, bytes[found + 1] == 0x5a, footer >= start + 20, (footer - start) % 4 == 0 else {
        continue
      }
      guard bytes[footer + 8] == bytes[start + 6], bytes[footer + 9] == bytes[start + 7] else { continue }
      guard CRC32.of(bytes[(footer + 4)..<(footer + 10)]) == bytes.littleEndian32(at: footer) else { continue }
      let (indexSize, overflow) = (Int(bytes.littleEndian32(at: footer + 4)) + 1).multipliedReportingOverflow(by: 4)
      guard !overflow, indexSize >= 8, indexSize <= footer - start - 12 else { continue }
      let index = footer - indexSize
      guard bytes[index] == 0, CRC32.of(bytes[index..<(footer - 4)]) == bytes.littleEndian32(at: footer - 4) else {
        continue
      }
      return footer + 12
    }
    throw .truncated(offset: start)
  }

  /// The legacy lz4 framing of lib/decompress_unlz4.c: blocks that state their size, until something else stands there.
  private static func lz4(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    // The largest block that can come of the 8 MiB that the format allows uncompressed.
    let largestBlock = (8 << 20) + (8 << 20) / 255 + 16
    var position = start + 4
    while position + 4 <= bytes.count {
      let size = Int(bytes.littleEndian32(at: position))
      guard size > 0, size <= largestBlock, size <= bytes.count - position - 4 else { break }
      position += 4 + size
    }
    return position
  }
}

extension UnsafeRawBufferPointer {
  func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
