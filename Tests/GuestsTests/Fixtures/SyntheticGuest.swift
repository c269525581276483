import Foundation
import Testing

@testable import Guests

/// A Debian guest that cannot run but has everything that inspection and preparation look at: UEFI, `/boot` on its own
/// partition, the root on LVM, two kernels, and names that depend on the hardware.
struct SyntheticGuest {
  static let canBeMade =
    ProcessInfo.processInfo.environment["ASCEND_TEST_FAST"] != "1"
    && FileManager.default.isExecutableFile(atPath: "/usr/bin/guestfish")
  static let whyNot: Comment = "needs guestfish, and ASCEND_TEST_FAST not set"

  static let newKernel = "6.1.0-9-amd64"
  static let oldKernel = "5.10.0-1-amd64"
  static let swapUUID = "11111111-2222-3333-4444-555555555555"

  let disk: GuestDisk

  /// Passphrases of its encrypted volumes: LUKS 2 that holds the volume group, and LUKS 1 that holds what is on `/data`.
  struct Encryption {
    var root: String
    var data: String

    /// Makes and opens both, as `root` and `data`. Not guestfish's own way: deriving a key as it is usual takes minutes
    /// where the processor is emulated. udev reads the partition table again whenever somebody has written to the disk,
    /// and for a moment there are no partitions then: hence several attempts.
    var commands: String {
      func volume(_ device: String, _ options: String, _ key: String, _ name: String) -> String {
        let format = "cryptsetup luksFormat -q \(options) --pbkdf-force-iterations 1000 -d - \(device)"
        return """
          debug sh "for n in 1 2 3 4 5; do udevadm settle; if printf %s '\(key)' | \(format); then break; fi; sleep 2; done"
          debug sh "udevadm settle; printf %s '\(key)' | cryptsetup open -d - \(device) \(name)"

          """
      }
      return volume("/dev/sda3", "--type luks2 --pbkdf pbkdf2", root, "root")
        + volume("/dev/sda5", "--type luks1", data, "data") + "mkfs ext4 /dev/mapper/data\n"
    }
  }

  /// - Parameter encrypted: The volume group is then in an encrypted partition, and there is another with a filesystem.
  init(in folder: TemporaryFolder, encrypted: Encryption? = nil) throws {
    let root = folder.url.appendingPathComponent("root")
    let boot = folder.url.appendingPathComponent("boot")
    let esp = folder.url.appendingPathComponent("esp")
    try Self.makeRoot(root)
    if encrypted != nil {
      let fstab = try String(contentsOf: root.appendingPathComponent("etc/fstab"), encoding: .utf8)
      try Self.write("etc/fstab", fstab + "/dev/mapper/data_crypt /data ext4 defaults 0 2\n", in: root)
      try Self.write("etc/crypttab", "data_crypt /dev/sda5 none luks\n", in: root)
      try Self.write("data/.keep", [], in: root)
      try Self.write("lib/systemd/systemd", [], in: root)
    }
    let volume = encrypted == nil ? "/dev/sda3" : "/dev/mapper/root"
    try Self.makeBoot(boot)
    for loader in ["shimx64.efi", "grubx64.efi"] { try Self.write("EFI/debian/\(loader)", loader, in: esp) }
    for tree in [root, boot, esp] { try Lab.run("tar", ["-C", tree.path, "-cf", tree.path + ".tar", "."]) }
    let image = folder.url.appendingPathComponent("synthetic.qcow2")
    try Lab.run("qemu-img", ["create", "-q", "-f", "qcow2", image.path, "700M"])
    let script = """
      run
      part-init /dev/sda gpt
      part-add /dev/sda p 2048 34815
      part-add /dev/sda p 34816 343039
      part-add /dev/sda p 343040 1300000
      part-add /dev/sda p 1300480 1400000
      part-add /dev/sda p 1400832 1433000
      part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
      mkfs vfat /dev/sda1
      mkfs ext4 /dev/sda2
      \(encrypted?.commands ?? "")
      pvcreate \(volume)
      vgcreate vg \(volume)
      lvcreate root vg 300
      mkfs ext4 /dev/vg/root
      mkswap /dev/sda4 uuid:\(Self.swapUUID)
      mount /dev/vg/root /
      mkdir /boot
      mount /dev/sda2 /boot
      mkdir /boot/efi
      mount /dev/sda1 /boot/efi
      tar-in \(root.path).tar /
      tar-in \(boot.path).tar /boot
      tar-in \(esp.path).tar /boot/efi
      chmod 0640 /etc/fstab
      chown 0 42 /etc/fstab
      """
    let file = folder.url.appendingPathComponent("script")
    try Data(script.utf8).write(to: file)
    try Lab.run(
      "env",
      [
        "LIBGUESTFS_BACKEND=direct", "LIBGUESTFS_BACKEND_SETTINGS=force_tcg", "guestfish", "--format=qcow2", "-a",
        image.path, "-f", file.path,
      ])
    disk = GuestDisk(path: image.path, format: "qcow2", readOnly: false)
  }

  private static func write(_ path: String, _ bytes: [UInt8], in folder: URL) throws {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: nil)
    try Data(bytes).write(to: url)
  }

  private static func write(_ path: String, _ text: String, in folder: URL) throws {
    try write(path, Array(text.utf8), in: folder)
  }

  private static func makeRoot(_ root: URL) throws {
    try write("etc/debian_version", "12.5\n", in: root)
    try write(
      "etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n", in: root)
    try write("etc/hostname", "synthetic\n", in: root)
    try write(
      "etc/fstab",
      """
      /dev/mapper/vg-root / ext4 errors=remount-ro 0 1
      /dev/sda2 /boot ext4 defaults 0 2
      /dev/sda1 /boot/efi vfat umask=0077 0 1
      /dev/sda4 none swap sw 0 0
      /dev/sdb1 /lost ext4 nofail 0 0

      """, in: root)
    try write("etc/crypttab", "# none\n", in: root)
    try write(
      "etc/default/grub", "GRUB_DISABLE_LINUX_UUID=true\nGRUB_CMDLINE_LINUX=\"resume=/dev/sda4 quiet\"\n", in: root)
    try write("etc/initramfs-tools/modules", "# modules\next4\n", in: root)
    try write("etc/initramfs-tools/conf.d/resume", "RESUME=/dev/sda4\n", in: root)
    try write("etc/udev/rules.d/70-persistent-net.rules", "SUBSYSTEM==\"net\", NAME=\"eth0\"\n", in: root)
    for tool in ["update-initramfs", "mkinitramfs"] { try write("usr/sbin/\(tool)", "#!/bin/sh\n", in: root) }
    try write("var/lib/initramfs-tools/\(newKernel)", String(repeating: "a", count: 40) + "  /boot/x\n", in: root)
    try write("bin/ls", [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))), in: root)
    for folder in ["proc", "sys", "dev", "lib", "usr/bin", "tmp"] { try write("\(folder)/.keep", [], in: root) }
    let dependencies = """
      kernel/drivers/virtio/virtio.ko.xz:
      kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko.xz
      kernel/drivers/scsi/virtio_scsi.ko.xz: kernel/drivers/virtio/virtio.ko.xz kernel/drivers/scsi/scsi_mod.ko.xz
      kernel/drivers/scsi/scsi_mod.ko.xz:
      kernel/drivers/scsi/sd_mod.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz

      """
    for kernel in [newKernel, oldKernel] {
      let folder = "lib/modules/\(kernel)"
      try write("\(folder)/modules.dep", dependencies, in: root)
      let lines = ModuleIndex(dep: dependencies, builtin: "", softdep: "").lines()
      try write("\(folder)/modules.dep.bin", BinaryIndex.encode(lines), in: root)
      for line in dependencies.split(separator: "\n") {
        let path = line.prefix { $0 != ":" }
        let module = try ArchiveBuilder.compress(FakeKernel.module(String(path)), .xz)
        try write("\(folder)/\(path)", module, in: root)
      }
    }
    try write("lib/modules/\(newKernel)/modules.builtin", "kernel/drivers/virtio/virtio_pci.ko\n", in: root)
    try write(
      "lib/modules/\(oldKernel)/modules.builtin",
      "kernel/drivers/virtio/virtio_pci.ko\nkernel/drivers/block/virtio_blk.ko\n", in: root)
  }

  private static func makeBoot(_ boot: URL) throws {
    // initramfs-tools decompresses the modules that it takes, and leaves them where they were.
    let index = FakeKernel.index([
      ("kernel/drivers/scsi/scsi_mod.ko", []),
      ("kernel/drivers/scsi/vmw_pvscsi.ko", ["kernel/drivers/scsi/scsi_mod.ko"]),
    ])
    func main(_ kernel: String) -> [UInt8] {
      let indices = index.map { ArchiveBuilder.Member(path: "lib/modules/\(kernel)/\($0.key)", data: $0.value) }
      return ArchiveBuilder.cpio(
        [
          .init(path: "lib", mode: 0o040755),
          .init(path: "lib/modules/\(kernel)/kernel/drivers/scsi/vmw_pvscsi.ko", data: [1]),
          .init(path: "lib/modules/\(kernel)/kernel/drivers/scsi/scsi_mod.ko", data: [1]),
          .init(path: "lib/systemd/systemd-udevd", mode: 0o100755, data: [1]),
          .init(path: "conf/conf.d/resume", data: Array("RESUME=/dev/sda4\n".utf8)),
        ] + indices)
    }
    let microcode = ArchiveBuilder.cpio([.init(path: "kernel/x86/microcode/GenuineIntel.bin", data: [1, 2])])
    try write("initrd.img-\(newKernel)", microcode + ArchiveBuilder.compress(main(newKernel), .zstd), in: boot)
    try write("initrd.img-\(oldKernel)", ArchiveBuilder.compress(main(oldKernel), .lz4), in: boot)
    for kernel in [newKernel, oldKernel] { try write("vmlinuz-\(kernel)", "kernel", in: boot) }
    try write("grub/grub.cfg", "\tlinux /vmlinuz-\(newKernel) root=/dev/mapper/vg-root resume=/dev/sda4 ro\n", in: boot)
  }
}
