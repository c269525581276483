import Support

/// The room on a guest's mounted filesystems.
struct SpaceSurvey {
  /// The largest number that every reader of JSON takes whole.
  private static let largest: Int64 = (1 << 53) - 1

  let guest: GuestfsHandle

  /// Bytes free for ordinary files and inodes free, by mount point. Filesystems that have no fixed number of inodes
  /// (vfat, btrfs) have no entry of them.
  func measure(_ mounts: [GuestInspection.Mount]) throws(AscendError) -> (
    bytes: [String: Int64], inodes: [String: Int64]
  ) {
    var bytes: [String: Int64] = [:]
    var inodes: [String: Int64] = [:]
    for mount in mounts {
      let room = try guest.optional { () throws(AscendError) in try guest.room(mount.path) }
      guard let room else { continue }
      bytes[mount.path] = min(room.bytes, Self.largest)
      inodes[mount.path] = room.inodes.map { min($0, Self.largest) }
    }
    return (bytes, inodes)
  }
}
