/// What an initramfs file holds, as far as it matters here.
struct InitramfsContents: Sendable {
  struct Segment: Hashable, Sendable {
    var kind: SegmentKind
    var offset: Int
    var length: Int
    var members: Int
  }

  var segments: [Segment] = []
  /// Paths of kernel modules (`usr/lib/modules/6.1.0-13-amd64/kernel/…/virtio_blk.ko.xz`).
  var modulePaths: Set<String> = []
  /// Symbolic links with a module's name.
  var moduleLinks: Set<String> = []
  /// `lib` is a symbolic link (to `usr/lib`): an archive that has a folder `lib` would replace it.
  var libraryIsLink = false
  /// It has a program that loads a driver for each device that it finds, and not only those of a list.
  var findsHardware = false
  /// dracut's hooks that wait for a device, by their paths.
  var deviceWaits: Set<String> = []
  /// LVM in there uses only devices that it knows by what their hardware calls them.
  var listsVolumeDevices = false
  /// Module indices, and small files that were asked for, as the last part that has them says.
  var files: [String: [UInt8]] = [:]

  /// Takes note of one member.
  mutating func note(_ entry: CPIOEntry) {
    if entry.path == "lib" { libraryIsLink = entry.isSymbolicLink }
    if entry.isRegular || entry.isSymbolicLink, ModuleName(path: entry.path) != nil {
      if entry.isRegular { modulePaths.insert(entry.path) } else { moduleLinks.insert(entry.path) }
    }
    if entry.path == InitramfsExtras.volumeDevices { listsVolumeDevices = true }
    let name = entry.path.split(separator: "/").last ?? ""
    if Self.finders.contains(name) { findsHardware = true }
    guard name.contains("devexists-") else { return }
    // One that preparation has emptied waits for nothing.
    if entry.size == InitramfsExtras.emptyHook.count {
      deviceWaits.remove(entry.path)
    } else {
      deviceWaits.insert(entry.path)
    }
  }

  private static let finders: Set<Substring> = ["udevd", "systemd-udevd", "nlplug-findfs"]

  /// `usr/lib/modules/6.1.0-13-amd64/modules.dep.bin`, or the same as text.
  static func isModuleIndex(_ path: String) -> Bool {
    guard path.hasSuffix("/modules.dep") || path.hasSuffix("/modules.dep.bin") else { return false }
    let parts = path.split(separator: "/").drop { $0 == "usr" }
    return parts.count == 4 && parts.starts(with: ["lib", "modules"])
  }

  /// Module names for one kernel version, dashes as underscores.
  func modules(for kernel: String) -> Set<String> {
    Set(modulePaths.compactMap { Self.relative($0, kernel) == nil ? nil : ModuleName(path: $0)?.text })
  }

  /// A path below the modules folder of `kernel`, wherever that is; nil for another.
  static func relative(_ path: String, _ kernel: String) -> String? {
    let parts = path.split(separator: "/")
    guard let index = parts.firstIndex(of: "modules"), index + 2 < parts.count, parts[index + 1] == kernel else {
      return nil
    }
    return parts[(index + 2)...].joined(separator: "/")
  }

  /// The folder that holds the modules of `kernel` in there, without a slash at either end.
  func modulesFolder(for kernel: String) -> String {
    let plain = "lib/modules/\(kernel)"
    let merged = "usr/" + plain
    if libraryIsLink || modulePaths.contains(where: { $0.hasPrefix(merged + "/") }) { return merged }
    return plain
  }
}
