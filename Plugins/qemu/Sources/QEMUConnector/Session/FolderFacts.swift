import Foundation

/// A folder that may not be there yet: where it would really lie, whether it can be written, and what room there is.
struct FolderFacts: Sendable {
  /// Without symbolic links.
  var path: String
  var exists: Bool
  /// The nearest folder that is there.
  var nearest: String
  var isWritable: Bool
  var freeBytes: Int64
  var totalBytes: Int64

  static func look(_ path: String) throws -> FolderFacts {
    var nearest = (path as NSString).standardizingPath
    var missing: [String] = []
    while access(nearest, F_OK) != 0 {
      guard errno == ENOENT, nearest != "/" else { throw SystemError("access", nearest) }
      missing.insert((nearest as NSString).lastPathComponent, at: 0)
      nearest = (nearest as NSString).deletingLastPathComponent
    }
    guard let real = realpath(nearest, nil) else { throw SystemError("realpath", nearest) }
    defer { free(real) }
    let base = String(cString: real)
    var facts = stat()
    guard stat(base, &facts) == 0 else { throw SystemError("stat", base) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw SystemError("open", base, number: ENOTDIR) }
    var room = statvfs()
    guard statvfs(base, &room) == 0 else { throw SystemError("statvfs", base) }
    return FolderFacts(
      path: ([base == "/" ? "" : base] + missing).joined(separator: "/"), exists: missing.isEmpty, nearest: base,
      isWritable: access(base, W_OK | X_OK) == 0,
      freeBytes: Int64(clamping: UInt64(room.f_bavail) * UInt64(room.f_frsize)),
      totalBytes: Int64(clamping: UInt64(room.f_blocks) * UInt64(room.f_frsize)))
  }
}
