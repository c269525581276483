import CArchive
import Support

/// Writes an lz4 part of an initramfs again as gzip, which every kernel reads and whose end it finds.
final class Recompressor {
  private let file: OutputFile
  private var failure: AscendError?

  init(to file: OutputFile) { self.file = file }

  func run(_ part: UnsafeRawBufferPointer, offset: Int) throws(AscendError) {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw unwritable("no memory") }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    archive_write_add_filter_gzip(archive)
    archive_write_set_format_raw(archive)
    archive_write_set_bytes_in_last_block(archive, 1)
    archive_entry_set_filetype(entry, 0o100000)
    let context = Unmanaged.passUnretained(self).toOpaque()
    let opened = archive_write_open(
      archive, context, nil,
      { _, context, bytes, count in
        guard let context, let bytes else { return -1 }
        let writer = Unmanaged<Recompressor>.fromOpaque(context).takeUnretainedValue()
        return writer.take(UnsafeRawBufferPointer(start: bytes, count: count))
      }, nil)
    guard opened == ARCHIVE_OK, archive_write_header(archive, entry) == ARCHIVE_OK else {
      throw unwritable(archive_error_string(archive).map { String(cString: $0) })
    }
    do {
      let source = try Decompressor(.lz4, part, offset: offset)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
      defer { buffer.deallocate() }
      while true {
        let count = try source.read(into: buffer)
        if count == 0 { break }
        guard archive_write_data(archive, buffer.baseAddress, count) == count else {
          throw unwritable(archive_error_string(archive).map { String(cString: $0) })
        }
      }
    } catch let error as InitramfsError {
      throw AscendError(
        "guest.initramfsUnreadable", "An initramfs of the guest could not be read", cause: error.description)
    } catch {
      throw AscendError.wrapping(error, as: "guest.initramfsUnreadable", "An initramfs could not be written anew")
    }
    guard archive_write_close(archive) == ARCHIVE_OK else {
      throw unwritable(archive_error_string(archive).map { String(cString: $0) })
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    do {
      try file.write(bytes)
      return bytes.count
    } catch {
      failure = error
      return -1
    }
  }

  private func unwritable(_ cause: String?) -> AscendError {
    failure ?? AscendError("guest.temporaryFile", "An initramfs could not be written anew", cause: cause)
  }
}
