import Support

/// What makes a guest's initramfs when its kernel is updated.
enum InitramfsTool: String, Sendable {
  /// Debian, Ubuntu.
  case initramfsTools = "initramfs-tools"
  /// Arch.
  case mkinitcpio
  /// Alpine.
  case mkinitfs
  /// Red Hat's family from 6 on, SUSE from 12 on, others by choice.
  case dracut
  /// SUSE up to 11.
  case mkinitrd

  private static let files =
    "/{{,usr/}{bin,sbin}/{update-initramfs,mkinitramfs,dracut,mkinitcpio,mkinitfs,mkinitrd}"
    + ",etc/{mkinitcpio.conf,initramfs-tools}}"

  /// - Returns: Nil for a guest that has none of them.
  static func find(_ guest: GuestfsHandle) throws(AscendError) -> InitramfsTool? {
    var files = try guest.glob(files)
    // Both may be installed, of which one has the command that kernel packages call: it says whose it is.
    if files.contains(where: { $0.hasSuffix("bin/dracut") }),
      let command = files.first(where: { $0.hasSuffix("bin/update-initramfs") }),
      let text = try guest.optional({ () throws(AscendError) in try guest.readText(command, limit: 1 << 20) }) ?? nil,
      !text.contains("mkinitramfs")
    {
      files.removeAll { $0.hasSuffix("bin/update-initramfs") }
    }
    return find(among: files)
  }

  static func find(among files: [String]) -> InitramfsTool? {
    func has(_ end: String) -> Bool { files.contains { $0.hasSuffix(end) || $0.hasSuffix(end + "/") } }
    // dracut has a program of this name for what calls it. The configuration stays where the package went, and others
    // have hooks for it.
    if has("bin/update-initramfs"), has("bin/mkinitramfs"), has("/etc/initramfs-tools") { return .initramfsTools }
    if has("bin/mkinitcpio"), has("/etc/mkinitcpio.conf") { return .mkinitcpio }
    if has("bin/mkinitfs") { return .mkinitfs }
    // Some distributions have dracut and call it by the name of what it replaced.
    if has("bin/dracut") { return .dracut }
    return has("bin/mkinitrd") ? .mkinitrd : nil
  }

  /// The command that makes the guest's initramfs anew, for people.
  func command(_ kernel: String) -> String {
    switch self {
    case .initramfsTools: "update-initramfs -c -k \(kernel)"
    case .mkinitcpio: "mkinitcpio -P"
    case .mkinitfs: "mkinitfs \(kernel)"
    case .dracut: "dracut -f --kver \(kernel)"
    case .mkinitrd: "mkinitrd"
    }
  }
}
