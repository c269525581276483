import Support

/// Has the guest's own tool put drivers into every initramfs that it makes from now on: without that, the next kernel
/// update would make a machine that does not start.
struct PersistentDrivers {
  let writer: GuestWriter
  let tool: InitramfsTool?
  /// One kernel's index, for tools that name modules by their files.
  let index: ModuleIndex

  func persist(_ modules: [String]) throws(AscendError) {
    guard !modules.isEmpty else { return }
    switch tool {
    case .initramfsTools: try block("/etc/initramfs-tools/modules", modules)
    case .dracut: try dracut(modules)
    case .mkinitrd: try mkinitrd(modules)
    case .mkinitfs: try mkinitfs(modules)
    case .mkinitcpio: try mkinitcpio(modules)
    case nil:
      writer.warn(
        "The guest has no known tool that makes its initramfs: after a kernel update it may lack "
          + modules.joined(separator: ", "))
    }
  }

  private func block(_ path: String, _ lines: [String]) throws(AscendError) {
    try writer.put(path, MarkedBlock.adding(lines, to: try writer.text(path) ?? ""))
  }

  private func dracut(_ modules: [String]) throws(AscendError) {
    let path = "/etc/dracut.conf.d/90-ascend.conf"
    let all = DriverLists.merged(DriverLists.quoted("add_drivers", in: try writer.text(path) ?? ""), modules)
    // The spaces at both ends matter: the value is added to others.
    try writer.put(
      path,
      "# Drivers of the platform that this machine was restored to\nadd_drivers+=\" \(all.joined(separator: " ")) \"\n")
  }

  private func mkinitrd(_ modules: [String]) throws(AscendError) {
    let path = "/etc/sysconfig/kernel"
    let text = try writer.text(path) ?? ""
    try writer.put(path, DriverLists.adding(modules, toQuoted: "INITRD_MODULES", in: text))
  }

  private func mkinitfs(_ modules: [String]) throws(AscendError) {
    let folder = "/etc/mkinitfs"
    // One path a line, without what the files are compressed with.
    let lines = modules.compactMap { index.files[ModuleName($0)] }.map { path in
      String(path[..<(path.firstRange(of: ".ko")?.upperBound ?? path.endIndex)]) + "*"
    }
    let list = "\(folder)/features.d/ascend.modules"
    let old = (try writer.text(list) ?? "").split(separator: "\n").map(String.init)
    try writer.put(list, DriverLists.merged(old, lines).joined(separator: "\n") + "\n")
    let path = "\(folder)/mkinitfs.conf"
    try writer.put(path, DriverLists.adding(["ascend"], toQuoted: "features", in: try writer.text(path) ?? ""))
  }

  private func mkinitcpio(_ modules: [String]) throws(AscendError) {
    let line = "MODULES+=(\(modules.joined(separator: " ")))"
    if try writer.guest.isDirectory("/etc/mkinitcpio.conf.d") {
      try block("/etc/mkinitcpio.conf.d/ascend.conf", [line])
    } else {
      // Versions before 37 read one file only.
      try block("/etc/mkinitcpio.conf", [line])
    }
  }
}
