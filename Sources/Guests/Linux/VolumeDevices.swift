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
    let settings = try writer.text("/etc/lvm/lvm.conf") ?? ""
    for line in settings.split(whereSeparator: \.isNewline) {
      let text = line.trimmed
      guard text.hasPrefix("filter") || text.hasPrefix("global_filter"), text.contains("/dev/") else { continue }
      // The usual way to name everything.
      guard text.contains(/\/dev\/(?:sd|hd|vd|xvd|nvme|disk\/by-(?:id|path))/) else { continue }
      writer.warn("/etc/lvm/lvm.conf lets LVM see only devices by their old names: \(text)")
    }
  }

  /// LVM's local settings in an initramfs with such a record, which an added archive cannot take out.
  static func settings(addingTo old: String) -> String {
    if old.contains(block) { return old }
    return old + (old.isEmpty || old.hasSuffix("\n") ? "" : "\n") + block
  }
}
