import Support

/// The files that tell a Linux guest's boot loader, or the tool that writes its menu, what the kernel is told.
struct LoaderFiles {
  /// Where the entries of the Boot Loader Specification may lie.
  static let entryPartitions = ["/boot", "/efi", "/boot/efi"]

  /// How a line of a file is recognised that holds kernel parameters.
  enum Syntax: Hashable, Sendable {
    /// GRUB 2's menu.
    case grub
    /// GRUB before 2.
    case legacyGrub
    /// `options …`
    case entry
    /// A block of exactly 1024 bytes, with `kernelopts=…`
    case environment
    /// `append …`
    case syslinux
    /// Shell assignments.
    case settings
    /// All of it.
    case commandLine
  }

  struct File: Hashable, Sendable {
    var path: String
    var syntax: Syntax
  }

  let guest: GuestfsHandle

  func all() throws(AscendError) -> [File] {
    var files = Self.fixed
    for partition in Self.entryPartitions {
      files += try named("\(partition)/loader/entries", ".conf", .entry)
      for vendor in try guest.list("\(partition)/EFI").prefix(64) {
        files.append(File(path: "\(partition)/EFI/\(vendor)/grub.cfg", syntax: .grub))
        files += Self.legacyMenus.map { File(path: "\(partition)/EFI/\(vendor)/\($0)", syntax: .legacyGrub) }
      }
    }
    files += try named("/etc/default/grub.d", ".cfg", .settings)
    var found: [File] = []
    var real: Set<String> = []
    for file in files where try guest.isFile(file.path) {
      // Two names may lead to one file.
      if real.insert(try guest.realPath(file.path)).inserted { found.append(file) }
    }
    return found
  }

  private func named(_ folder: String, _ suffix: String, _ syntax: Syntax) throws(AscendError) -> [File] {
    try guest.list(folder).filter { $0.hasSuffix(suffix) }.prefix(64).map {
      File(path: "\(folder)/\($0)", syntax: syntax)
    }
  }

  /// Of GRUB before 2 with UEFI, which reads a file that is named after itself.
  private static let legacyMenus = ["grub.conf", "BOOTX64.conf", "BOOTIA32.conf"]

  private static let fixed: [File] = [
    File(path: "/boot/grub/grub.cfg", syntax: .grub), File(path: "/boot/grub2/grub.cfg", syntax: .grub),
    File(path: "/boot/grub/menu.lst", syntax: .legacyGrub), File(path: "/boot/grub/grub.conf", syntax: .legacyGrub),
    File(path: "/boot/grub2/grubenv", syntax: .environment), File(path: "/boot/grub/grubenv", syntax: .environment),
    File(path: "/boot/extlinux.conf", syntax: .syslinux), File(path: "/boot/extlinux/extlinux.conf", syntax: .syslinux),
    File(path: "/boot/syslinux/syslinux.cfg", syntax: .syslinux), File(path: "/etc/default/grub", syntax: .settings),
    File(path: "/etc/update-extlinux.conf", syntax: .settings), File(path: "/etc/default/extlinux", syntax: .settings),
    File(path: "/etc/sysconfig/bootloader", syntax: .settings), File(path: "/etc/kernel/cmdline", syntax: .commandLine),
  ]
}

extension LoaderFiles.Syntax {
  /// Whether a line of such a file holds kernel parameters.
  func holdsParameters(_ line: Substring) -> Bool {
    let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    let first = words.first ?? ""
    switch self {
    case .grub:
      if first == "set", words.count > 1, words[1].hasPrefix("kernelopts=") { return true }
      return DeviceNameRewrite.loadsKernel(line)
    case .legacyGrub:
      // Debian's tool keeps its settings in comments.
      return first == "kernel" || line.hasPrefix("# kopt=") || line.hasPrefix("# defoptions=")
    case .entry: return first == "options"
    case .environment: return line.hasPrefix("kernelopts=")
    case .syslinux: return first.lowercased() == "append"
    case .settings: return Self.isSetting(first)
    case .commandLine: return !words.isEmpty && !line.hasPrefix("#")
    }
  }

  private static func isSetting(_ word: Substring) -> Bool {
    [
      "GRUB_CMDLINE_LINUX", "default_kernel_opts=", "root=", "EXTLINUX_ROOT=", "EXTLINUX_PARAMETERS=",
      "DEFAULT_APPEND=",
    ].contains { word.hasPrefix($0) }
  }

  /// Whether arguments for every start are added to this line: not to those of a rescue entry or of a template.
  func takesArguments(_ line: Substring) -> Bool {
    switch self {
    case .settings:
      let word = line.drop(while: \.isWhitespace)
      return ["GRUB_CMDLINE_LINUX=", "default_kernel_opts=", "EXTLINUX_PARAMETERS=", "DEFAULT_APPEND="].contains {
        word.hasPrefix($0)
      }
    case .legacyGrub: return !line.hasPrefix("#") && holdsParameters(line) && line.contains("root=")
    case .grub:
      return holdsParameters(line)
        && (line.contains("root=") || line.contains("kernelopts=")) && !line.contains("$kernelopts")
    case .entry: return holdsParameters(line) && !line.contains("$kernelopts")
    case .environment, .syslinux, .commandLine: return holdsParameters(line)
    }
  }
}
