import Support

/// Frees fstab, crypttab and the resume device of names that depend on the old hardware.
struct LinuxTables {
  let writer: GuestWriter
  let names: StableNames

  /// - Returns: The new content of initramfs-tools' resume file, when it was changed.
  func rewrite() throws(AscendError) -> String? {
    let names = names
    func lookup(_ name: DeviceName, _ type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
      try names.answer(name, type: type)
    }
    try writer.rewrite("/etc/fstab") { text throws(AscendError) in
      try DeviceNameRewrite.table(text, device: 0, type: 2, lookup)
    }
    for path in ["/etc/crypttab", "/etc/crypttab.initramfs"] {
      try writer.rewrite(path) { text throws(AscendError) in
        try DeviceNameRewrite.table(text, device: 1, type: nil, lookup)
      }
    }
    // What dracut puts into the next initramfs.
    for name in try writer.guest.list("/etc/cmdline.d").prefix(64) where name.hasSuffix(".conf") {
      try writer.rewrite("/etc/cmdline.d/\(name)") { text throws(AscendError) in
        try DeviceNameRewrite.kernelParameters(text, on: { _ in true }, lookup)
      }
    }
    return try writer.rewrite("/etc/initramfs-tools/conf.d/resume") { text throws(AscendError) in
      try DeviceNameRewrite.assignment("RESUME", text, lookup)
    }
  }
}
