import CGuestfs
import Support

/// Changes the configuration files of a Debian-family guest so that they hold on any controller. Mounted for writing.
final class GuestConfiguration {
  private let guest: GuestfsHandle
  private let names: StableNames
  private(set) var changes: [PreparationReport.FileChange] = []
  private(set) var warnings: [String] = []
  /// The new content of initramfs-tools' resume file, when it was changed.
  private(set) var resume: String?

  init(guest: GuestfsHandle) throws(AscendError) {
    self.guest = guest
    names = try StableNames(guest: guest)
  }

  /// Device names in fstab, crypttab and the boot loader's files, and network names pinned to old hardware.
  func rewrite() throws(AscendError) {
    let names = names
    func lookup(_ name: DeviceName, _ type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
      try names.answer(name, type: type)
    }
    try apply("/etc/fstab") { text throws(AscendError) in
      try DeviceNameRewrite.table(text, device: 0, type: 2, lookup)
    }
    try apply("/etc/crypttab") { text throws(AscendError) in
      try DeviceNameRewrite.table(text, device: 1, type: nil, lookup)
    }
    let grub = try apply("/boot/grub/grub.cfg") { text throws(AscendError) in
      try DeviceNameRewrite.kernelParameters(text, on: DeviceNameRewrite.loadsKernel, lookup)
    }
    try apply("/etc/default/grub") { text throws(AscendError) in
      let outcome = try DeviceNameRewrite.kernelParameters(text, on: DeviceNameRewrite.setsKernelParameters, lookup)
      // With this switch the guest's own update-grub would write device names again.
      return grub == nil ? outcome : Self.allowingUUIDs(outcome)
    }
    resume = try apply("/etc/initramfs-tools/conf.d/resume") { text throws(AscendError) in
      try DeviceNameRewrite.assignment("RESUME", text, lookup)
    }
    try removePersistentNetworkNames()
  }

  /// Has the guest's own tool put `modules` into every initramfs that it makes from now on.
  func persist(_ modules: [String]) throws(AscendError) {
    let path = "/etc/initramfs-tools/modules"
    let old = try guest.readText(path)
    let new = MarkedBlock.adding(modules, to: old ?? "")
    guard new != old else { return }
    try guest.write(path, new)
    let lines = Set((old ?? "").split(separator: "\n"))
    let added = new.split(separator: "\n").filter { !lines.contains($0) }
    changes.append(.init(path: path, after: added.joined(separator: "\n")))
  }

  /// - Returns: The file's new content if it changed.
  @discardableResult
  private func apply(
    _ path: String, _ rewrite: (String) throws(AscendError) -> DeviceNameRewrite.Outcome
  ) throws(AscendError) -> String? {
    // Text that is not UTF-8 would not survive being decoded and written again.
    guard try guest.isFile(path) else { return nil }
    let bytes = try guest.read(path, limit: 1 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      warnings.append("\(path) was not looked at: it is not UTF-8 text")
      return nil
    }
    let outcome = try rewrite(text)
    warnings += outcome.warnings.map { "\(path): \($0)" }
    guard outcome.text != text else { return nil }
    try guest.write(path, outcome.text)
    changes += outcome.changes.map { .init(path: path, before: $0.before, after: $0.after) }
    return outcome.text
  }

  private static func allowingUUIDs(_ outcome: DeviceNameRewrite.Outcome) -> DeviceNameRewrite.Outcome {
    var outcome = outcome
    var lines: [String] = []
    for line in outcome.text.split(separator: "\n", omittingEmptySubsequences: false) {
      let setting = line.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
      if setting == "GRUB_DISABLE_LINUX_UUID=true" {
        lines.append("GRUB_DISABLE_LINUX_UUID=false")
        outcome.changes.append(.init(before: String(line), after: "GRUB_DISABLE_LINUX_UUID=false"))
      } else {
        lines.append(String(line))
      }
    }
    outcome.text = lines.joined(separator: "\n")
    return outcome
  }

  /// Rules of old udev versions that tie `eth0` to the address of the old network card.
  private func removePersistentNetworkNames() throws(AscendError) {
    let path = "/etc/udev/rules.d/70-persistent-net.rules"
    guard try guest.isFile(path) else { return }
    let rules = try guest.readText(path) ?? ""
    try guest.removeFile(path)
    changes.append(.init(path: path, before: rules))
  }
}
