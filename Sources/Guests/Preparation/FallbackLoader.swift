import ConnectorProtocol
import Support

/// Puts the guest's boot loader where UEFI looks when it has no boot entries.
///
/// Entries live in the machine's variables, not on its disks: the restored machine has none of them and tries only
/// `\EFI\BOOT\BOOTX64.EFI`, which an installed system often does not have.
struct FallbackLoader {
  let guest: GuestfsHandle
  let inspection: GuestInspection

  struct Names: Hashable, Sendable {
    var fallback: String
    /// Loaders in the order of preference, SUSE's names and systemd-boot's among them.
    var loaders: [String]
    /// What goes with each, from its own folder: the first of a shim's is what it loads.
    var companions: [String: [String]]

    init?(architecture: String?) {
      let suffix: String
      switch architecture {
      case "x86_64": suffix = "x64"
      case "aarch64": suffix = "aa64"
      case "i386", "i686": suffix = "ia32"
      default: return nil
      }
      fallback = "BOOT\(suffix.uppercased()).EFI"
      let (shim, grub) = ("shim\(suffix).efi", "grub\(suffix).efi")
      loaders = [shim, "shim.efi", grub, "grub.efi", "systemd-boot\(suffix).efi"]
      companions = [
        shim: [grub, "mm\(suffix).efi", "grub.cfg"], "shim.efi": ["grub.efi", "MokManager.efi", "grub.cfg"],
        grub: ["grub.cfg"], "grub.efi": ["grub.cfg", "grub.conf"],
      ]
    }

    /// What is copied with a loader: names in its folder, and the names that they get.
    ///
    /// - Parameter present: The companions that the folder has.
    func copies(_ loader: String, with present: Set<String>) -> [(name: String, new: String)] {
      var copies = [(name: loader, new: fallback)]
      for name in companions[loader] ?? [] where present.contains(name) {
        guard name == "grub.conf" else {
          copies.append((name, name))
          continue
        }
        // GRUB before 2 (Red Hat 6) reads the file that is named after itself. A folder with both is GRUB 2's.
        if !present.contains("grub.cfg") { copies.append((name, fallback.replacing(".EFI", with: ".conf"))) }
      }
      return copies
    }
  }

  /// - Returns: The files that were added, and warnings.
  func install() throws(AscendError) -> (changes: [PreparationReport.FileChange], warnings: [String]) {
    guard inspection.possibleFirmware.contains(.uefi) else { return ([], []) }
    guard let names = Names(architecture: inspection.facts.architecture), let esp = try systemPartition() else {
      return (
        [], ["The EFI system partition is not in fstab: whether the machine starts without boot entries is unknown."]
      )
    }
    // FAT does not tell capitals from small letters: this finds the file however it is written.
    let target = "\(esp)/EFI/BOOT"
    guard try !guest.exists("\(target)/\(names.fallback)") else { return ([], []) }
    guard let (folder, loader) = try installed(esp, names) else {
      return ([], ["No boot loader known here was found on the EFI system partition; it has none in EFI/BOOT either."])
    }
    var present: Set<String> = []
    for name in names.companions[loader] ?? [] where try guest.isFile("\(folder)/\(name)") { present.insert(name) }
    let copies = names.copies(loader, with: present).map { (from: "\(folder)/\($0.name)", to: "\(target)/\($0.new)") }
    var size: Int64 = 0
    for copy in copies { size += try guest.size(copy.from) }
    try FreeSpace.require(size + 64 << 10, at: esp, guest)
    try guest.makeFolder(target)
    var changes: [PreparationReport.FileChange] = []
    for copy in copies {
      try guest.copy(copy.from, to: copy.to)
      changes.append(.init(path: copy.to, after: "a copy of \(copy.from)"))
    }
    return (changes, [])
  }

  private func systemPartition() throws(AscendError) -> String? {
    for mount in inspection.mounts where mount.path.hasSuffix("/efi") || mount.path == "/boot" {
      if try guest.isDirectory("\(mount.path)/EFI") { return mount.path }
    }
    return nil
  }

  private func installed(_ esp: String, _ names: Names) throws(AscendError) -> (folder: String, loader: String)? {
    for vendor in try guest.list("\(esp)/EFI").prefix(64) where vendor.lowercased() != "boot" {
      let folder = "\(esp)/EFI/\(vendor)"
      for loader in names.loaders where try guest.isFile("\(folder)/\(loader)") {
        // A shim without what it loads starts nothing.
        if loader.hasPrefix("shim"), let next = names.companions[loader]?.first,
          try !guest.isFile("\(folder)/\(next)")
        {
          continue
        }
        return (folder, loader)
      }
    }
    return nil
  }
}
