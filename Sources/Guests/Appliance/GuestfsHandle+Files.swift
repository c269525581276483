import CGuestfs
import Foundation
import Glibc
import Support

extension GuestfsHandle {
  /// Bytes asked for in one call; the appliance's messages hold at most four mebibytes.
  private static let chunk: Int32 = 2 << 20

  func mount(_ mountable: String, at path: String, readOnly: Bool) throws(AscendError) {
    try run("mounting", mountable) {
      readOnly ? guestfs_mount_ro($0, mountable, path) : guestfs_mount($0, mountable, path)
    }
  }

  func unmountAll() throws(AscendError) {
    try run("unmounting") { guestfs_umount_all($0) }
  }

  func exists(_ path: String) throws(AscendError) -> Bool {
    try bool("looking for", path) { guestfs_exists($0, path) }
  }

  func hasAny(_ paths: [String]) throws(AscendError) -> Bool {
    for path in paths where try exists(path) { return true }
    return false
  }

  func isFile(_ path: String) throws(AscendError) -> Bool {
    try bool("looking at", path) { ascend_guestfs_is_file($0, path) }
  }

  func isDirectory(_ path: String) throws(AscendError) -> Bool {
    try bool("looking at", path) { ascend_guestfs_is_dir($0, path) }
  }

  /// The names in a folder; none when there is no such folder.
  func list(_ directory: String) throws(AscendError) -> [String] {
    guard try isDirectory(directory) else { return [] }
    return try texts("listing", directory) { guestfs_ls($0, directory) }.sorted()
  }

  func size(_ path: String) throws(AscendError) -> Int64 {
    try checkpoint()
    let size = guestfs_filesize(raw, path)
    guard size >= 0 else { throw failure("reading the size of", path) }
    return size
  }

  /// The path with symbolic links resolved inside the guest.
  func realPath(_ path: String) throws(AscendError) -> String {
    try text("resolving", path) { guestfs_realpath($0, path) }
  }

  /// What exists of the paths that a pattern names (glob(7), with alternatives in braces); folders end with a slash.
  func glob(_ pattern: String) throws(AscendError) -> [String] {
    try texts("looking for", pattern) { guestfs_glob_expand_opts_argv($0, pattern, nil) }
  }

  /// The bytes free for ordinary files on the filesystem that holds `path`.
  func freeBytes(_ path: String) throws(AscendError) -> Int64 { try room(path).bytes }

  /// The bytes and inodes free for ordinary files on the filesystem that holds `path`; no inodes where it has no fixed
  /// number of them.
  func room(_ path: String) throws(AscendError) -> (bytes: Int64, inodes: Int64?) {
    try checkpoint()
    guard let info = guestfs_statvfs(raw, path) else { throw failure("measuring the free space of", path) }
    defer { guestfs_free_statvfs(info) }
    // The numbers come from the guest's filesystem, which may be damaged.
    let (bytes, overflow) = max(0, info.pointee.bavail).multipliedReportingOverflow(by: max(0, info.pointee.bsize))
    let inodes = info.pointee.files > 0 ? max(0, info.pointee.favail) : nil
    return (overflow ? Int64.max : bytes, inodes)
  }

  /// Files that can still be made there; nil for filesystems that have no such limit.
  func freeFiles(_ path: String) throws(AscendError) -> Int64? {
    try checkpoint()
    guard let info = guestfs_statvfs(raw, path) else { throw failure("measuring the free space of", path) }
    defer { guestfs_free_statvfs(info) }
    return info.pointee.files > 0 ? max(0, info.pointee.favail) : nil
  }

  /// Passes a file's bytes on, piece by piece. Only regular files, and never more than `limit` bytes.
  func read(
    _ path: String, limit: Int64, _ consume: (UnsafeRawBufferPointer) throws(AscendError) -> Void
  ) throws(AscendError) {
    guard try isFile(path) else {
      throw AscendError("guest.callFailed", "The guest has no such file", object: path)
    }
    var offset: Int64 = 0
    while true {
      try checkpoint()
      var count = 0
      guard let bytes = guestfs_pread(raw, path, Self.chunk, offset, &count) else { throw failure("reading", path) }
      defer { free(bytes) }
      if count == 0 { return }
      offset += Int64(count)
      guard offset <= limit else {
        throw AscendError(
          "guest.tooLarge", "A file of the guest is larger than the \(limit) bytes that are read of it", object: path)
      }
      try consume(UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  func read(_ path: String, limit: Int64) throws(AscendError) -> [UInt8] {
    var content: [UInt8] = []
    try read(path, limit: limit) { content.append(contentsOf: $0) }
    return content
  }

  /// A text file, or nil when the guest has none of that name.
  func readText(_ path: String, limit: Int64 = 1 << 20) throws(AscendError) -> String? {
    guard try isFile(path) else { return nil }
    return String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// Copies a file of the guest into the private folder under a name of ours.
  func copyOut(_ path: String, limit: Int64) throws(AscendError) -> URL {
    let copy = privateDirectory.appendingPathComponent(UUID().uuidString)
    let file = try OutputFile(creating: copy)
    try read(path, limit: limit) { bytes throws(AscendError) in try file.write(bytes) }
    return copy
  }

  /// Replaces a file's content in place, so that its owner, mode and labels stay.
  func write(_ path: String, _ content: String) throws(AscendError) {
    try run("writing", path) { guestfs_write($0, path, content, content.utf8.count) }
  }

  /// Writes a local file's bytes into a file of the guest, from `offset` on; a gap before it reads as zeros.
  func upload(_ file: URL, to path: String, offset: Int64) throws(AscendError) {
    try run("writing", path) { guestfs_upload_offset($0, file.path, path, offset) }
  }

  func copyKeepingAttributes(_ path: String, to copy: String) throws(AscendError) {
    try run("copying", path) { guestfs_cp_a($0, path, copy) }
  }

  func copy(_ path: String, to copy: String) throws(AscendError) {
    try run("copying", path) { guestfs_cp($0, path, copy) }
  }

  func makeFolder(_ path: String) throws(AscendError) {
    try run("making", path) { guestfs_mkdir_p($0, path) }
  }

  func truncate(_ path: String) throws(AscendError) {
    try run("emptying", path) { guestfs_truncate_size($0, path, 0) }
  }

  func rename(_ path: String, to new: String) throws(AscendError) {
    try run("renaming", path) { guestfs_mv($0, path, new) }
  }

  func removeFile(_ path: String) throws(AscendError) {
    try run("removing", path) { guestfs_rm_f($0, path) }
  }
}
