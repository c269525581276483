import ConnectorProtocol
import Support

/// Frees fstab, crypttab and the resume device of names that depend on the old hardware, and the start of disks that the
/// machine does not have.
struct LinuxTables {
  let writer: GuestWriter
  let names: StableNames
  /// The device of the root filesystem.
  let root: String?

  /// - Returns: The new content of initramfs-tools' resume file, when it was changed.
  func rewrite() throws(AscendError) -> String? {
    let names = names
    func lookup(_ name: DeviceName, _ type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
      try names.answer(name, type: type)
    }
    let made = Set(Crypttab.entries(try writer.text("/etc/crypttab") ?? "").map(\.name))
    let root = root
    try writer.rewrite("/etc/fstab") { text throws(AscendError) in
      try Self.mounts(text, names, root: root, made: made)
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

  /// What fstab becomes.
  static func mounts(
    _ text: String, _ names: StableNames, root: String?, made: Set<String>
  ) throws(AscendError) -> DeviceNameRewrite.Outcome {
    try names.learn(MountTable.rows(text), root: root)
    let renamed = try DeviceNameRewrite.table(text, device: 0, type: 2) { name, type, written throws(AscendError) in
      try names.answer(name, type: type, row: written)
    }
    var outcome = try MountTable.forgiving(renamed.text) { row throws(AscendError) in
      try names.isLost(row, made: made)
    }
    outcome.changes = renamed.changes + outcome.changes
    outcome.warnings = renamed.warnings + outcome.warnings
    return outcome
  }

  /// What a table waits for and none of the machine's disks has, before anything is changed.
  static func missing(
    _ guest: GuestfsHandle, root: String?, hasLocked: Bool
  ) throws(AscendError) -> [GuestFacts.MissingMount] {
    let text: String
    let made: Set<String>
    do throws(AscendError) {
      text = try guest.readText("/etc/fstab") ?? ""
      made = Set(Crypttab.entries(try guest.readText("/etc/crypttab") ?? "").map(\.name))
    } catch {
      // One of that size is refused when it is to be changed; here it only says nothing.
      guard error.code == "guest.tooLarge" else { throw error }
      return []
    }
    let names = try StableNames(guest: guest, hasLocked: hasLocked)
    let outcome = try mounts(text, names, root: root, made: made)
    let rows = MountTable.rows(text)
    // The rows are the same ones: only their devices and options change.
    return zip(rows, MountTable.rows(outcome.text)).filter { $0.isAwaited && !$1.isAwaited }.prefix(64).map {
      .init(path: String($0.0.path.prefix(200)), device: String($0.0.device.prefix(200)))
    }
  }
}
