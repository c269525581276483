import Foundation
import Glibc
import Support

/// A file of our own, seen as bytes. Only for files in a private folder: nobody else may shorten them meanwhile.
final class MappedFile {
  private let bytes: UnsafeRawBufferPointer

  init(_ url: URL) throws(AscendError) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(url) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw Self.failure(url) }
    guard info.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, Int(info.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw Self.failure(url)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(info.st_size))
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// The bytes are there for as long as `body` runs.
  func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  private static func failure(_ url: URL) -> AscendError {
    AscendError(
      "guest.temporaryFile", "A temporary file could not be read", object: url.path, cause: String(errno: errno))
  }
}
