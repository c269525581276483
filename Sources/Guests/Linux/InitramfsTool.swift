import Support

/// What makes a guest's initramfs when its kernel is updated.
enum InitramfsTool: String, Sendable, CaseIterable {
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

  /// - Returns: Nil for a guest that has none of them.
  static func find(_ guest: GuestfsHandle) throws(AscendError) -> InitramfsTool? {
    for tool in allCases where try tool.isIn(guest) { return tool }
    return nil
  }

  private func isIn(_ guest: GuestfsHandle) throws(AscendError) -> Bool {
    for path in traces {
      var found = false
      for alternative in path where try guest.exists(alternative) { found = true }
      guard found else { return false }
    }
    return true
  }

  /// All of these must be there, each in one of its places.
  private var traces: [[String]] {
    switch self {
    case .initramfsTools: [["/usr/sbin/update-initramfs"], ["/etc/initramfs-tools"]]
    case .mkinitcpio: [["/usr/bin/mkinitcpio", "/sbin/mkinitcpio"], ["/etc/mkinitcpio.conf"]]
    case .mkinitfs: [["/sbin/mkinitfs", "/usr/sbin/mkinitfs"], ["/etc/mkinitfs"]]
    case .dracut: [["/usr/bin/dracut", "/usr/sbin/dracut", "/sbin/dracut"]]
    case .mkinitrd: [["/sbin/mkinitrd", "/usr/sbin/mkinitrd"], ["/etc/sysconfig/kernel"]]
    }
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
