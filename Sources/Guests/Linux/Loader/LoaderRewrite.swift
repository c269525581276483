import Support

/// Frees a guest's boot loader of names that depend on the old hardware, and tells its kernels of the new.
struct LoaderRewrite {
  let writer: GuestWriter
  let names: StableNames
  /// Arguments for every start, such as a console.
  let arguments: [String]

  func run() throws(AscendError) {
    let guest = writer.guest
    let names = names
    func lookup(_ name: DeviceName, _ type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
      try names.answer(name, type: type)
    }
    let adding = KernelArguments(arguments: arguments)
    var renamed = false
    // The settings come after the menus: what happened there decides a switch here.
    let files = try LoaderFiles(guest: guest).all()
    for file in files {
      try writer.rewrite(file.path) { text throws(AscendError) in
        var outcome = try DeviceNameRewrite.kernelParameters(text, on: file.syntax.holdsParameters, lookup)
        if file.path.hasSuffix("/grub.cfg"), outcome.text != text { renamed = true }
        let extended = adding.added(to: outcome.text, file.syntax)
        outcome.text = extended.text
        outcome.changes += extended.changes
        if file.path == "/etc/default/grub", renamed { outcome = Self.allowingUUIDs(outcome) }
        if file.syntax == .environment { outcome = Self.fitting(outcome, like: text) }
        return outcome
      }
    }
    // Made by grub-install of the old devices; it looks anew where there is none.
    for path in ["/boot/grub/device.map", "/boot/grub2/device.map"] where try guest.isFile(path) {
      try writer.remove(path, keeping: try writer.text(path))
    }
    for partition in LoaderFiles.entryPartitions {
      let images = try guest.list("\(partition)/EFI/Linux").filter { $0.lowercased().hasSuffix(".efi") }
      guard !images.isEmpty else { continue }
      writer.warn(
        "\(partition)/EFI/Linux: \(images.prefix(4).joined(separator: ", ")) hold a kernel and its initramfs in one "
          + "signed file, which is left as it is: choose another entry at the first start, or make it anew there")
    }
  }

  /// With this switch the guest's own tool would write device names again.
  static func allowingUUIDs(_ outcome: DeviceNameRewrite.Outcome) -> DeviceNameRewrite.Outcome {
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

  /// GRUB's environment block keeps its size: filled with `#`. What does not fit stays as it was.
  static func fitting(_ outcome: DeviceNameRewrite.Outcome, like original: String) -> DeviceNameRewrite.Outcome {
    guard outcome.text != original else { return outcome }
    var outcome = outcome
    let size = original.utf8.count
    var body = Substring(outcome.text)
    while body.last == "#" { body = body.dropLast() }
    let missing = size - body.utf8.count
    guard missing >= 0 else {
      return .init(
        text: original,
        warnings: outcome.warnings + ["the new kernel parameters do not fit into GRUB's environment block"])
    }
    outcome.text = body + String(repeating: "#", count: missing)
    outcome.changes = outcome.changes.map { .init(before: $0.before, after: $0.after) }
    return outcome
  }
}
