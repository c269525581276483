import ConnectorProtocol

/// A kernel of the guest: its image in `/boot` and its folder of modules.
public struct InstalledKernel: Sendable, Hashable, Codable {
  public var version: String
  /// `/boot/vmlinuz-6.1.0-13-amd64`.
  public var image: String
  /// `/boot/initrd.img-6.1.0-13-amd64`, or nil when there is none.
  public var initramfs: String?
  /// Asked drivers that are compiled into the kernel.
  public var builtIn: [String]
  /// Asked drivers whose module is in the initramfs, where what loads it finds it with all that it needs.
  public var inInitramfs: [String]
  /// Asked drivers of which the guest has a module on its root filesystem.
  public var installed: [String]
  /// Why the initramfs could not be read, if so.
  public var unreadable: String?
  /// The unified kernel image that it starts from, where it has no initramfs of its own.
  public var unified: String?
  /// Whether the boot loader starts it when nobody chooses.
  public var startsByDefault: Bool?

  /// Whether the driver is there before the root filesystem is mounted.
  public func startsWith(_ driver: String) -> Bool { builtIn.contains(driver) || inInitramfs.contains(driver) }

  /// The same as planning knows it.
  func facts(_ drivers: [String]) -> GuestFacts.Kernel {
    GuestFacts.Kernel(
      version: version, initramfs: initramfs, drivers: drivers.filter(startsWith),
      modules: drivers.filter { installed.contains($0) || builtIn.contains($0) }, image: image, unreadable: unreadable,
      unified: unified, startsByDefault: startsByDefault)
  }

  public var modulesFolder: String { "/lib/modules/\(version)" }

  /// The kernel versions that `/boot` and `/lib/modules` agree on, newest name last, and their images.
  static func versions(boot: [String], modules: [String]) -> [(version: String, image: String)] {
    let folders = Set(modules.filter(isPlain))
    var found: [(version: String, image: String)] = []
    for name in boot.sorted() {
      for prefix in ["vmlinuz-", "vmlinux-"] where name.hasPrefix(prefix) {
        let version = String(name.dropFirst(prefix.count))
        if folders.contains(version), !found.contains(where: { $0.version == version }) {
          found.append((version, "/boot/\(name)"))
        }
      }
    }
    return found
  }

  /// The names under which distributions keep a kernel's initramfs.
  static func initramfsNames(_ version: String) -> [String] {
    [
      "initrd.img-\(version)", "initramfs-\(version).img", "initrd-\(version)", "initrd-\(version).img",
      "initramfs-\(version)",
    ]
  }

  /// Kernel versions become parts of paths and of archive members: nothing unusual is taken.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.count <= 128 && name.first != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "._+~-".utf8.contains(byte)
        }
      }
  }
}
