import Foundation
import Glibc
import Support

/// A new file that only this user can read, written from its start.
final class OutputFile {
  private let descriptor: Int32
  private let path: String
  private(set) var size: Int64 = 0

  init(creating url: URL) throws(AscendError) {
    path = url.path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer) throws(AscendError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    size += Int64(bytes.count)
  }

  func write(_ bytes: [UInt8]) throws(AscendError) {
    var failure: AscendError?
    bytes.withUnsafeBytes { raw in
      do throws(AscendError) {
        try write(raw)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private static func failure(_ path: String) -> AscendError {
    AscendError(
      "guest.temporaryFile", "A temporary file could not be written", object: path, cause: String(errno: errno),
      remedy: "Make space in the temporary folder, or name another one in TMPDIR")
  }
}
