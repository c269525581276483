import CGuestfs
import Foundation
import Glibc
import Support

extension GuestfsHandle {
  /// The first bytes of a file, or all where it is shorter.
  func head(of path: String, count: Int32) throws(AscendError) -> [UInt8] {
    try checkpoint()
    var read = 0
    guard let bytes = guestfs_pread(raw, path, count, 0, &read) else { throw failure("reading", path) }
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

  /// Gives a file or folder the access that only the system and administrators have.
  ///
  /// What is made from Linux is open to everybody, which scripts that the system runs must not be.
  func restrictAccess(_ path: String, isFolder: Bool) throws(AscendError) {
    let descriptor = SecurityDescriptor.administratorsOnly(isFolder: isFolder)
    try run("restricting access to", path) { raw in
      descriptor.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          guestfs_setxattr(raw, "system.ntfs_acl", $0.baseAddress, Int32(bytes.count), path)
        }
      }
    }
  }
}

/// A security descriptor as NTFS keeps it.
enum SecurityDescriptor {
  private static let system = sid([18])
  private static let administrators = sid([32, 544])

  /// Full access for the system and the administrators, none for others; a folder passes it on to what is made in it.
  static func administratorsOnly(isFolder: Bool) -> [UInt8] {
    let inherited: UInt8 = isFolder ? 3 : 0
    let entries = [system, administrators].flatMap { sid -> [UInt8] in
      [0, inherited] + number(8 + sid.count, 2) + number(0x001f_01ff, 4) + sid
    }
    let list = [2, 0] + number(8 + entries.count, 2) + number(2, 2) + number(0, 2) + entries
    let start = 20 + 2 * administrators.count
    // Self-relative, with a list that nothing from above is added to.
    return [1, 0] + number(0x9004, 2) + number(20, 4) + number(20 + administrators.count, 4) + number(0, 4)
      + number(start, 4) + administrators + administrators + list
  }

  private static func sid(_ parts: [Int]) -> [UInt8] {
    [1, UInt8(parts.count), 0, 0, 0, 0, 0, 5] + parts.flatMap { number($0, 4) }
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
