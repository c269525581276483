import CGuestfs
import Foundation
import Glibc
import Support

extension GuestfsHandle {
  /// The first bytes of a file, or all where it is shorter.
  func head(of path: String, count: Int32) throws(AscendError) -> [UInt8] {
    // A pipe of that name would be waited for.
    guard try isFile(path) else { return [] }
    try checkpoint()
    var read = 0
    guard let bytes = guestfs_pread(raw, path, count, 0, &read) else { throw failure("reading", path) }
    defer { free(bytes) }
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: read))
  }

  /// The last bytes of a file, or all where it is shorter.
  func tail(of path: String, count: Int64) throws(AscendError) -> [UInt8] {
    guard try isFile(path) else { return [] }
    let size = try size(path)
    try checkpoint()
    var read = 0
    // The appliance's messages hold at most four mebibytes.
    let wanted = Int32(clamping: min(size, min(count, 2 << 20)))
    guard wanted > 0 else { return [] }
    guard let bytes = guestfs_pread(raw, path, wanted, size - Int64(wanted), &read) else {
      throw failure("reading", path)
    }
    defer { free(bytes) }
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: read))
  }

  /// Makes a file hold `bytes`, and reads it back.
  ///
  /// - Returns: False where it held them already.
  func install(_ bytes: [UInt8], at path: String) throws(AscendError) -> Bool {
    if try holds(path, bytes) { return false }
    let local = privateDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: local) }
    try OutputFile(creating: local).write(bytes)
    try run("writing", path) { guestfs_upload($0, local.path, path) }
    guard try holds(path, bytes) else {
      throw AscendError(
        "guest.verificationFailed", "A file of the guest does not hold what was written to it", object: path,
        remedy: "Restore without guest preparation, and report this as a defect")
    }
    return true
  }

  private func holds(_ path: String, _ bytes: [UInt8]) throws(AscendError) -> Bool {
    guard try isFile(path), try size(path) == Int64(bytes.count) else { return false }
    return try read(path, limit: Int64(bytes.count)) == bytes
  }

  /// Mounts an NTFS volume for writing so that what is made there has owners and access like files of Windows.
  ///
  /// Without this, all that is made from Linux is open to everybody.
  func mountWindows(_ device: String) throws(AscendError) {
    try run("mounting", device) { guestfs_mount_options($0, "permissions", device, "/") }
  }

  /// Gives a file or folder the access that only the system and administrators have, and reads that back: scripts that
  /// the system runs must not be writable by others.
  func restrictAccess(_ path: String) throws(AscendError) {
    try run("restricting access to", path) { guestfs_chmod($0, 0o700, path) }
    guard !SecurityDescriptor(try accessControl(path)).othersMayWrite else {
      throw AscendError(
        "guest.verificationFailed", "Access to a file of the guest could not be restricted", object: path,
        remedy: "Restore without guest preparation, and report this as a defect")
    }
  }

  func accessControl(_ path: String) throws(AscendError) -> [UInt8] {
    try checkpoint()
    var count = 0
    guard let bytes = guestfs_getxattr(raw, path, "system.ntfs_acl", &count) else { throw failure("reading", path) }
    defer { free(bytes) }
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
  }
}
