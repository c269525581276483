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
  /// `lib` is a symbolic link (to `usr/lib`): an archive that has a folder `lib` would replace it.
  var libraryIsLink = false
  /// It has a program that loads a driver for each device that it finds, and not only those of a list.
  var findsHardware = false
  /// dracut's hooks that wait for a device, by their paths.
  var deviceWaits: Set<String> = []
  /// LVM in there uses only devices that it knows by what their hardware calls them.
  var listsVolumeDevices = false
  /// Small files that were asked for, as the last part that has them says.
  var files: [String: [UInt8]] = [:]

  /// Takes note of one member.
  mutating func note(_ entry: CPIOEntry) {
    if entry.path == "lib" { libraryIsLink = entry.isSymbolicLink }
    if entry.isRegular, ModuleName(path: entry.path) != nil { modulePaths.insert(entry.path) }
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

  /// Module names for one kernel version, dashes as underscores.
  func modules(for kernel: String) -> Set<String> {
    var names: Set<String> = []
    for path in modulePaths {
      let parts = path.split(separator: "/")
      guard let index = parts.firstIndex(of: "modules"), index + 1 < parts.count, parts[index + 1] == kernel,
        let name = ModuleName(path: path)
      else { continue }
      names.insert(name.text)
    }
    return names
  }

  /// The folder that holds the modules of `kernel` in there, without a slash at either end.
  func modulesFolder(for kernel: String) -> String {
    let plain = "lib/modules/\(kernel)"
    let merged = "usr/" + plain
    if modulePaths.contains(where: { $0.hasPrefix(merged + "/") }) { return merged }
    if modulePaths.contains(where: { $0.hasPrefix(plain + "/") }) { return plain }
    return libraryIsLink ? merged : plain
  }
}
