import Support

/// Finds a Linux guest's kernels, whatever its distribution calls them: image, modules and every initramfs.
struct KernelFinder {
  /// A kernel and one file that starts with it; a kernel with two initramfs (a fallback) is listed twice.
  struct Found: Hashable, Sendable {
    var version: String
    var image: String
    var initramfs: String?
  }

  let guest: GuestfsHandle

  func find() throws(AscendError) -> [Found] {
    let boot = try guest.list("/boot")
    let folders = try guest.list("/lib/modules")
    var found: [Found] = []
    func add(_ version: String, _ image: String, _ initramfs: [String]) {
      let rows: [String?] = initramfs.isEmpty ? [nil] : initramfs
      for row in rows {
        let known = found.contains { $0.version == version && ($0.initramfs == row || row == nil) }
        if !known { found.append(Found(version: version, image: image, initramfs: row)) }
      }
    }
    for entry in try loaderEntries(folders) { add(entry.version, entry.image, entry.initramfs.map { [$0] } ?? []) }
    for (version, image) in InstalledKernel.versions(boot: boot, modules: folders) {
      add(version, image, Self.first(InstalledKernel.initramfsNames(version), boot))
    }
    for (version, flavour) in try flavours(boot, folders) {
      let names = Self.flavourNames(flavour)
      add(version, "/boot/vmlinuz-\(flavour)", names.filter(boot.contains).map { "/boot/\($0)" })
    }
    // An entry without an initramfs does not count where the kernel has one.
    return found.filter { row in
      row.initramfs != nil || !found.contains { $0.version == row.version && $0.initramfs != nil }
    }
  }

  private static func first(_ names: [String], _ boot: [String]) -> [String] {
    names.first(where: boot.contains).map { ["/boot/\($0)"] } ?? []
  }

  /// Arch has an initramfs for the machine and one for any; Alpine has one without a suffix.
  static func flavourNames(_ flavour: String) -> [String] {
    ["initramfs-\(flavour).img", "initramfs-\(flavour)-fallback.img", "initramfs-\(flavour)"]
  }

  /// Kernels whose image is named after the package and not the version (`vmlinuz-linux`, `vmlinuz-lts`).
  private func flavours(_ boot: [String], _ folders: [String]) throws(AscendError) -> [(String, String)] {
    var found: [(String, String)] = []
    let plain = folders.filter(InstalledKernel.isPlain)
    for name in boot where name.hasPrefix("vmlinuz-") {
      let flavour = String(name.dropFirst("vmlinuz-".count))
      guard InstalledKernel.isPlain(flavour), !plain.contains(flavour) else { continue }
      var versions: [String] = []
      for folder in plain {
        // Arch writes the package's name beside the modules.
        let package = try guest.readText("/lib/modules/\(folder)/pkgbase", limit: 4096)
        if package?.split(whereSeparator: \.isWhitespace).first.map(String.init) == flavour { versions.append(folder) }
      }
      if versions.isEmpty {
        // Alpine writes the version beside the package's other files, and ends it with the package's name.
        let release = try guest.readText("/usr/share/kernel/\(flavour)/kernel.release", limit: 4096)
        let stated = release?.split(whereSeparator: \.isWhitespace).first.map(String.init)
        versions = plain.filter { $0 == stated }
        if versions.isEmpty { versions = plain.filter { $0.hasSuffix("-\(flavour)") } }
      }
      if let version = versions.max(by: VersionText.isLower) { found.append((version, flavour)) }
    }
    return found
  }

  /// What boot loader entries name, for kernels that stand elsewhere than in /boot (systemd's kernel-install).
  private func loaderEntries(_ folders: [String]) throws(AscendError) -> [Found] {
    var found: [Found] = []
    for partition in LoaderFiles.entryPartitions {
      for name in try guest.list("\(partition)/loader/entries").prefix(64) where name.hasSuffix(".conf") {
        let path = "\(partition)/loader/entries/\(name)"
        guard let entry = LoaderEntry(try guest.readText(path, limit: 64 << 10) ?? "") else { continue }
        // The version is stated, or the image's name says it.
        let last = entry.linux.split(separator: "/").last.map(String.init) ?? ""
        let candidates = [entry.version, last.firstIndex(of: "-").map { String(last[last.index(after: $0)...]) }]
        guard let version = candidates.compactMap({ $0 }).first(where: folders.contains),
          InstalledKernel.isPlain(version), let image = try file(entry.linux, partition)
        else { continue }
        // Microcode comes before the main one.
        var initramfs: String?
        for named in entry.initrd {
          if let path = try file(named, partition) { initramfs = path }
        }
        found.append(Found(version: version, image: image, initramfs: initramfs))
      }
    }
    return found
  }

  /// Entries name files from the root of their partition, which is a folder of the system where it has none of its own.
  private func file(_ path: String, _ partition: String) throws(AscendError) -> String? {
    guard path.hasPrefix("/"), !path.contains("/../") else { return nil }
    for candidate in ["\(partition)\(path)", path] where try guest.isFile(candidate) { return candidate }
    return nil
  }
}

/// The order of version numbers in text: numbers by value, all else by letter.
enum VersionText {
  static func isLower(_ left: String, _ right: String) -> Bool {
    func parts(_ text: String) -> [Substring] { text.split { ".-_+~".contains($0) } }
    for (a, b) in zip(parts(left), parts(right)) where a != b {
      if let x = Int(a), let y = Int(b) { return x < y }
      return a < b
    }
    return parts(left).count < parts(right).count
  }
}
