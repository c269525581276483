import Foundation

/// Removes a folder with all it holds: never following a symbolic link, never onto another file system.
enum FolderRemoval {
  /// A folder of ours is flat; deeper than this is nothing that was made here.
  static let deepest = 16

  static func remove(_ path: String) throws {
    let parent = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let folder = try Descriptor.open(parent, O_RDONLY | O_DIRECTORY)
    let device = try folder.status(parent).st_dev
    try remove(name, in: folder, path: path, device: device, depth: 0)
  }

  private static func remove(_ name: String, in folder: Descriptor, path: String, device: dev_t, depth: Int) throws {
    if unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return }
    // Linux says EISDIR, others EPERM.
    guard errno == EISDIR || errno == EPERM else { throw SystemError("unlink", path) }
    let number = openat(folder.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { throw SystemError("open", path) }
    let inner = Descriptor(owning: number)
    guard try inner.status(path).st_dev == device else { throw SystemError("remove", path, number: EXDEV) }
    guard depth < deepest else { throw SystemError("remove", path, number: ELOOP) }
    for entry in try names(in: inner, path: path) {
      try remove(entry, in: inner, path: path + "/" + entry, device: device, depth: depth + 1)
    }
    if unlinkat(folder.number, name, AT_REMOVEDIR) != 0 && errno != ENOENT { throw SystemError("rmdir", path) }
  }

  private static func names(in folder: Descriptor, path: String) throws -> [String] {
    // The stream takes over the descriptor that it is given.
    let copy = fcntl(folder.number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError("dup", path) }
    guard let stream = fdopendir(copy) else {
      let error = SystemError("opendir", path)
      close(copy)
      throw error
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
