import Support

/// LVM's own record of the devices that it may use, by what their old hardware called them: on other hardware it would
/// find none of its volumes.
struct VolumeDevices {
  private static let block =
    "devices {\n  # The machine was restored on other hardware: volumes are found on any device.\n"
    + "  use_devicesfile = 0\n}\n"

  let writer: GuestWriter

  func clear() throws(AscendError) {
    // LVM scans all devices where there is no such file.
    let path = "/etc/lvm/devices/system.devices"
    if try writer.guest.isFile(path) { try writer.setAside(path) }
    for cache in ["/etc/lvm/cache/.cache", "/etc/blkid/blkid.tab", "/etc/blkid.tab"]
    where try writer.guest.isFile(cache) {
      try writer.remove(cache)
    }
    for path in ["/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"] {
      guard let text = try writer.text(path) else { continue }
      let new = VolumeFilter.widened(text)
      try writer.put(path, new)
      for line in new.split(whereSeparator: \.isNewline) where Self.keepsOldNames(line.trimmed) {
        writer.warn("\(path) may let LVM see only devices by their old names: \(line.trimmed)")
      }
    }
  }

  /// A filter of another form than the one that is known, in one line.
  static func keepsOldNames(_ line: String) -> Bool {
    guard line.hasPrefix("filter") || line.hasPrefix("global_filter"), line.contains(/"r[^A-Za-z0-9]/),
      !line.contains(VolumeFilter.anyDisk)
    else { return false }
    return line.contains(/["\[ ]a.\^?\/dev\/(?:sd|hd|vd|xvd|nvme|disk\/by-(?:id|path))/)
  }

  /// LVM's local settings in an initramfs with such a record, which an added archive cannot take out.
  static func settings(addingTo old: String) -> String {
    if old.contains(block) { return old }
    return old + (old.isEmpty || old.hasSuffix("\n") ? "" : "\n") + block
  }
}
