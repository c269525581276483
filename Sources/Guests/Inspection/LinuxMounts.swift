import Support

/// Mounts a Linux guest's filesystems where its fstab says.
struct LinuxMounts {
  /// Without these the guest cannot be understood; any other may fail to mount.
  private static let needed: Set<String> = ["/", "/usr", "/boot"]

  let guest: GuestfsHandle

  /// - Returns: One note for each filesystem that could not be mounted.
  func mount(_ mounts: [GuestInspection.Mount], readOnly: Bool) throws(AscendError) -> [String] {
    var notes: [String] = []
    for mount in mounts {
      do {
        try guest.mount(mount.device, at: mount.path, readOnly: readOnly)
      } catch {
        guard error.code == "guest.callFailed", !Self.needed.contains(mount.path) else { throw error }
        notes.append("\(mount.path) (\(mount.device)) could not be mounted: \(error.cause ?? error.message)")
      }
    }
    return notes
  }
}
