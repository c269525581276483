import Foundation

/// Files that are there in full or not at all, whatever happens while they are written.
enum AtomicFile {
  static func write(_ data: Data, to path: String, mode: mode_t = 0o600) throws {
    let neighbour = path + ".new"
    let file = try Descriptor.open(neighbour, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
    do {
      try file.write(data)
      guard fchmod(file.number, mode) == 0 else { throw SystemError("fchmod", neighbour) }
      guard fsync(file.number) == 0 else { throw SystemError("fsync", neighbour) }
      try rename(neighbour, to: path)
    } catch {
      unlink(neighbour)
      throw error
    }
  }

  /// Renames, and makes the new name durable.
  static func rename(_ from: String, to path: String) throws {
    guard Foundation.rename(from, path) == 0 else { throw SystemError("rename", from) }
    try syncFolder(of: path)
  }

  static func syncFolder(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
    guard fsync(descriptor.number) == 0 else { throw SystemError("fsync", folder) }
  }
}
