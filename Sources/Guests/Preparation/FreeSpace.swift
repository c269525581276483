import Support

/// The space that a guest's filesystems must have before anything is written to them.
enum FreeSpace {
  static let needed: [(path: String, bytes: Int64)] = [("/boot", 50 << 20), ("/", 100 << 20)]

  /// - Parameter drivers: Drivers come into an initramfs. Where all are there, a `/boot` that the one of an earlier
  ///   preparation has filled is no obstacle; what little may still be added looks for its room itself.
  static func check(
    _ guest: GuestfsHandle, mounts: [GuestInspection.Mount], drivers: Bool
  ) throws(AscendError) {
    let needsBoot = drivers && mounts.contains { $0.path == "/boot" }
    for (path, bytes) in needed where path == "/" || needsBoot {
      try require(bytes, at: path, guest)
    }
    for mount in mounts where ["/", "/boot"].contains(mount.path) { try requireFiles(at: mount.path, guest) }
  }

  /// Space is of no use to a filesystem that can hold no more files.
  private static func requireFiles(at path: String, _ guest: GuestfsHandle) throws(AscendError) {
    guard let free = try guest.freeFiles(path), free < 100 else { return }
    throw AscendError(
      "guest.noSpace", "The guest's filesystem has room for \(free) more files where preparation needs 100",
      object: path,
      remedy: "Remove files on the source machine and back it up again, or restore without guest preparation")
  }

  static func require(_ bytes: Int64, at path: String, _ guest: GuestfsHandle) throws(AscendError) {
    let free = try guest.freeBytes(path)
    guard free < bytes else { return }
    throw AscendError(
      "guest.noSpace",
      "The guest's filesystem has \(free >> 20) MB free where preparation needs \((bytes >> 20) + 1) MB", object: path,
      remedy: "Remove old kernels or other files on the source machine and back it up again, or restore without "
        + "guest preparation")
  }
}
