/// Memory for the bytes of one request, aligned to pages, used again for the next.
///
/// `@unchecked Sendable`: only one worker at a time has it, first to read into and then to hand to the body.
final class AlignedBuffer: @unchecked Sendable {
  static let alignment = 4096

  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: Self.alignment)
  }

  deinit { bytes.deallocate() }
}
