import CArchive

/// One compressed part of an initramfs, as a stream of what it holds. The work is libarchive's, in this process.
final class Decompressor {
  private let archive: OpaquePointer
  private let offset: Int

  /// - Parameter bytes: The part from its first byte; it may run on into other data only where the format shows its
  ///   own end (gzip, bzip2). Must stay valid for as long as this lives.
  init(_ kind: SegmentKind, _ bytes: UnsafeRawBufferPointer, offset: Int) throws(InitramfsError) {
    guard let archive = archive_read_new() else { throw .damaged(offset: offset, "no memory") }
    self.archive = archive
    self.offset = offset
    // One filter and no other: some of libarchive's filters run programs.
    let support =
      switch kind {
      case .gzip: archive_read_support_filter_gzip(archive)
      case .xz: archive_read_support_filter_xz(archive)
      case .zstd: archive_read_support_filter_zstd(archive)
      case .lz4: archive_read_support_filter_lz4(archive)
      case .bzip2: archive_read_support_filter_bzip2(archive)
      case .lzma: archive_read_support_filter_lzma(archive)
      case .cpio: archive_read_support_filter_none(archive)
      }
    guard support == ARCHIVE_OK else {
      throw .damaged(offset: offset, "this computer's libarchive was built without \(kind.rawValue)")
    }
    archive_read_support_format_raw(archive)
    guard archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK else { throw failure() }
    var entry: OpaquePointer?
    guard archive_read_next_header(archive, &entry) == ARCHIVE_OK else { throw failure() }
  }

  deinit { archive_read_free(archive) }

  /// Fills `buffer` with what comes next; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InitramfsError) -> Int {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    guard count >= 0 else { throw failure() }
    return count
  }

  /// How many of the compressed bytes have been used.
  var consumed: Int { Int(archive_filter_bytes(archive, -1)) }

  private func failure() -> InitramfsError {
    .damaged(offset: offset, archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be decompressed")
  }
}
