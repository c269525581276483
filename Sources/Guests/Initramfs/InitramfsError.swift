/// Why an initramfs could not be read.
enum InitramfsError: Error, Equatable, CustomStringConvertible {
  /// The bytes at this offset of the file are no archive of a kind that a kernel unpacks.
  case notAnArchive(offset: Int)
  case truncated(offset: Int)
  case damaged(offset: Int, String)
  /// Larger than the limits that protect this process.
  case tooLarge(String)

  var description: String {
    switch self {
    case .notAnArchive(let offset): "there is no archive at byte \(offset)"
    case .truncated(let offset): "the archive at byte \(offset) ends too early"
    case .damaged(let offset, let reason): "the archive at byte \(offset) is damaged: \(reason)"
    case .tooLarge(let what): "it is too large: \(what)"
    }
  }
}
