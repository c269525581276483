import Foundation

@testable import Guests

/// A Linux system that cannot run but has everything that preparation looks at, in its distribution's own layout: files,
/// names, initramfs format, boot loader and network configuration.
struct SyntheticTree: Sendable {
  var name: String
  var version: String
  var initramfs: [String]
  var files: [String: [UInt8]]
  var links: [String: String] = [:]
  /// Identifies its filesystem.
  var uuid: String
  /// The one that holds it.
  var partition = 1
  /// Files that its filesystem can hold; nil for plenty.
  var inodes: Int?

  func text(_ path: String) -> String { String(decoding: files[path] ?? [], as: UTF8.self) }

  /// The initramfs of a distribution, with its layout, and pvscsi as the only driver.
  ///
  /// - Parameter flat: As mkinitcpio makes it: all modules in one folder, decompressed, and no index as text.
  static func archive(
    _ version: String, suffix: String, merged: Bool, finder: String, flat: Bool = false,
    extra: [ArchiveBuilder.Member] = []
  ) throws -> [UInt8] {
    let modules = merged ? "usr/lib/modules/\(version)" : "lib/modules/\(version)"
    var members = [ArchiveBuilder.Member(path: ".", mode: 0o040755)]
    if merged {
      members += [
        .init(path: "usr", mode: 0o040755), .init(path: "usr/lib", mode: 0o040755),
        .init(path: "lib", mode: 0o120777, data: Array("usr/lib".utf8)),
      ]
    }
    let kinds: [String: SegmentKind] = [".xz": .xz, ".gz": .gzip]
    let drivers =
      flat
      ? [("kernel/scsi_mod.ko", []), ("kernel/vmw_pvscsi.ko", ["kernel/scsi_mod.ko"])]
      : FakeKernel.drivers.filter { $0.path.hasSuffix("scsi_mod.ko") || $0.path.hasSuffix("vmw_pvscsi.ko") }
    for driver in drivers {
      let bytes = try ArchiveBuilder.compress(FakeKernel.module(driver.path), flat ? .cpio : kinds[suffix] ?? .cpio)
      members.append(.init(path: "\(modules)/\(driver.path)\(flat ? "" : suffix)", data: bytes))
    }
    for (name, bytes) in FakeKernel.index(drivers, suffix: flat ? "" : suffix) where !flat || name.hasSuffix(".bin") {
      members.append(.init(path: "\(modules)/\(name)", data: bytes))
    }
    members.append(.init(path: finder, mode: 0o100755, data: [0x7f, 0x45, 0x4c, 0x46]))
    return ArchiveBuilder.cpio(members + extra)
  }

  static let microcode = ArchiveBuilder.cpio([.init(path: "kernel/x86/microcode/GenuineIntel.bin", data: [1, 2])])

  private static func bytes(_ texts: [String: String]) -> [String: [UInt8]] { texts.mapValues { Array($0.utf8) } }

  /// Rocky Linux 9: dracut, BLS, GRUB 2, xz modules, NetworkManager keyfiles, LVM's devices file, SELinux.
  static func redHat(_ device: String) throws -> SyntheticTree {
    let version = "5.14.0-362.8.1.el9_3.x86_64"
    let uuid = "11111111-aaaa-4bbb-8ccc-000000000001"
    var files = try FakeKernel.files(version: version, suffix: ".xz", folder: "usr/lib/modules")
    let main = try archive(
      version, suffix: ".xz", merged: true, finder: "usr/lib/systemd/systemd-udevd",
      extra: [
        .init(path: "etc/cmdline.d/95root-dev.conf", data: Array(" root=\(device) rootfstype=ext4 \n".utf8)),
        .init(path: "etc/lvm/devices/system.devices", data: Array("IDTYPE=sys_wwid IDNAME=naa.6000c29\n".utf8)),
        .init(
          path: "usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fsda1.sh",
          data: Array("[ -e \"/dev/sda1\" ]\n".utf8)),
        .init(
          path: "usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fmapper\\x2frl-root.sh",
          data: Array("[ -e \"/dev/mapper/rl-root\" ]\n".utf8)),
      ])
    files["boot/initramfs-\(version).img"] = microcode + (try ArchiveBuilder.compress(main, .gzip))
    files.merge(
      bytes([
        "boot/vmlinuz-\(version)": "kernel",
        "boot/vmlinuz-0-rescue-aabb": "kernel",
        "boot/initramfs-0-rescue-aabb.img": "not looked at",
        "boot/loader/entries/aabb-\(version).conf":
          "title Rocky Linux (\(version)) 9.3\nversion \(version)\nlinux /boot/vmlinuz-\(version)\n"
          + "initrd /boot/initramfs-\(version).img $tuned_initrd\noptions root=\(device) ro crashkernel=auto rhgb\n",
        "boot/grub2/grub.cfg": "set kernelopts=\"root=\(device) ro \"\nblscfg\n",
        "boot/grub2/device.map": "(hd0) /dev/sda\n",
        "etc/default/grub":
          "GRUB_CMDLINE_LINUX=\"crashkernel=auto resume=UUID=keep rhgb quiet\"\nGRUB_ENABLE_BLSCFG=true\n",
        "etc/os-release":
          "NAME=\"Rocky Linux\"\nVERSION=\"9.3 (Blue Onyx)\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"
          + "VERSION_ID=\"9.3\"\nPRETTY_NAME=\"Rocky Linux 9.3 (Blue Onyx)\"\n",
        "etc/redhat-release": "Rocky Linux release 9.3 (Blue Onyx)\n",
        "etc/fstab": "\(device) / ext4 defaults 1 1\n/dev/mapper/rl-swap none swap defaults 0 0\n",
        "etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
        "etc/lvm/devices/system.devices": "IDTYPE=sys_wwid IDNAME=naa.6000c29 DEVNAME=/dev/sda2\n",
        "etc/NetworkManager/system-connections/ens192.nmconnection":
          "[connection]\nid=ens192\ntype=ethernet\ninterface-name=ens192\n\n[ethernet]\nmac-address=00:50:56:AA:00:01\n\n"
          + "[ipv4]\naddress1=192.0.2.10/24,192.0.2.1\ndns=192.0.2.53;\nmethod=manual\n\n[ipv6]\nmethod=auto\n",
        "usr/lib/systemd/network/99-default.link": "[Match]\nOriginalName=*\n",
        "usr/lib/systemd/systemd": "program", "usr/bin/dracut": "#!/bin/bash\n", "usr/bin/vmtoolsd": "program",
        "usr/lib/systemd/system/vmtoolsd.service": "[Service]\nExecStart=/usr/bin/vmtoolsd\n",
      ]), uniquingKeysWith: { $1 })
    return SyntheticTree(
      name: "redhat", version: version, initramfs: ["/boot/initramfs-\(version).img"], files: files,
      links: ["lib": "usr/lib", "bin": "usr/bin", "sbin": "usr/sbin"], uuid: uuid)
  }

  /// SLES 11: mkinitrd, GRUB legacy, uncompressed modules, names by id, ifcfg with a hardware address in udev's rules.
  static func suse(_ device: String) throws -> SyntheticTree {
    let version = "3.0.101-63-default"
    var files = try FakeKernel.files(version: version, suffix: "")
    files["boot/initrd-\(version)"] = try ArchiveBuilder.compress(
      try archive(version, suffix: "", merged: false, finder: "sbin/udevd"), .gzip)
    let disk = "/dev/disk/by-id/scsi-36000c29f3d9f2b1a-part2"
    files.merge(
      bytes([
        "boot/vmlinuz-\(version)": "kernel",
        "boot/grub/menu.lst":
          "default 0\ntitle SUSE Linux Enterprise Server 11 SP4\n    root (hd0,0)\n"
          + "    kernel /boot/vmlinuz-\(version) root=\(disk) resume=/dev/disk/by-id/dm-name-x splash=silent\n"
          + "    initrd /boot/initrd-\(version)\n",
        "boot/grub/device.map": "(hd0) /dev/disk/by-id/scsi-36000c29f3d9f2b1a\n",
        "etc/SuSE-release": "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
        "etc/fstab": "\(disk) / ext4 acl,user_xattr 1 1\nproc /proc proc defaults 0 0\n",
        "etc/sysconfig/kernel": "# modules\nINITRD_MODULES=\"vmw_pvscsi ext4\"\nDOMU_INITRD_MODULES=\"\"\n",
        "etc/sysconfig/bootloader": "DEFAULT_APPEND=\"resume=/dev/disk/by-id/dm-name-x splash=silent\"\n",
        "etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='static'\nIPADDR='192.0.2.20/24'\nSTARTMODE='auto'\n",
        "etc/sysconfig/network/routes": "default 192.0.2.1 - -\n10.0.0.0/8 192.0.2.2 - eth0\n",
        "etc/sysconfig/network/ifroute-eth0": "# its own\n172.16.0.0/12 192.0.2.3 - eth0\ndefault 192.0.2.1 - eth0\n",
        "etc/sysconfig/network/config": "NETCONFIG_DNS_STATIC_SERVERS=\"192.0.2.53\"\n",
        "etc/udev/rules.d/70-persistent-net.rules":
          "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"00:50:56:aa:00:01\", "
          + "ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"eth0\"\n",
        "lib/udev/rules.d/75-persistent-net-generator.rules": "# generator\n",
        "etc/inittab": "#S0:12345:respawn:/sbin/agetty -L 9600 ttyS0 vt102\n", "etc/securetty": "tty1\n",
        "sbin/mkinitrd": "#!/bin/bash\n", "etc/init.d/vmtoolsd": "#!/bin/sh\n", "usr/bin/vmtoolsd": "program",
      ]), uniquingKeysWith: { $1 })
    return SyntheticTree(
      name: "suse", version: version, initramfs: ["/boot/initrd-\(version)"], files: files,
      links: ["etc/init.d/rc3.d/S05vmtoolsd": "../vmtoolsd"], uuid: "11111111-aaaa-4bbb-8ccc-000000000002",
      partition: 2)
  }

  /// Alpine 3.19: mkinitfs, extlinux, gz modules, names after the package, ifupdown, OpenRC, no udev.
  static func alpine(_ device: String) throws -> SyntheticTree {
    let version = "6.6.7-0-lts"
    var files = try FakeKernel.files(version: version, suffix: ".gz")
    files["boot/initramfs-lts"] = try ArchiveBuilder.compress(
      try archive(version, suffix: ".gz", merged: false, finder: "sbin/nlplug-findfs"), .gzip)
    files.merge(
      bytes([
        "boot/vmlinuz-lts": "kernel", "usr/share/kernel/lts/kernel.release": "\(version)\n",
        "boot/extlinux.conf":
          "DEFAULT lts\nLABEL lts\n  LINUX vmlinuz-lts\n  INITRD initramfs-lts\n"
          + "  APPEND root=\(device) modules=sd-mod,ext4 quiet\n",
        "etc/update-extlinux.conf": "root=\(device)\ndefault_kernel_opts=\"quiet rootfstype=ext4\"\n",
        "etc/alpine-release": "3.19.0\n",
        "etc/os-release": "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.0\nPRETTY_NAME=\"Alpine Linux v3.19\"\n",
        "etc/fstab": "\(device) / ext4 rw,relatime 0 1\n",
        "etc/mkinitfs/mkinitfs.conf": "features=\"ata base ext4 scsi\"\n", "sbin/mkinitfs": "#!/bin/sh\n",
        "etc/network/interfaces":
          "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 192.0.2.30/24\n"
          + "\tgateway 192.0.2.1\n",
        "etc/inittab": "tty1::respawn:/sbin/getty 38400 tty1\n#ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n",
        "etc/init.d/qemu-guest-agent": "#!/sbin/openrc-run\n", "usr/bin/qemu-ga": "program",
        "etc/init.d/local": "#!/sbin/openrc-run\n",
      ]), uniquingKeysWith: { $1 })
    return SyntheticTree(
      name: "alpine", version: version, initramfs: ["/boot/initramfs-lts"], files: files,
      links: ["etc/runlevels/default/qemu-guest-agent": "/etc/init.d/qemu-guest-agent"],
      uuid: "11111111-aaaa-4bbb-8ccc-000000000003")
  }

  /// Arch: mkinitcpio with its fallback, systemd-boot entries, zst modules, networkd.
  static func arch(_ device: String) throws -> SyntheticTree {
    let version = "6.6.8-arch1-1"
    var files = try FakeKernel.files(version: version, suffix: ".zst", folder: "usr/lib/modules")
    let main = try ArchiveBuilder.compress(
      archive(version, suffix: ".zst", merged: true, finder: "usr/lib/systemd/systemd-udevd", flat: true), .zstd)
    files["boot/initramfs-linux.img"] = main
    files["boot/initramfs-linux-fallback.img"] = main
    files.merge(
      bytes([
        "boot/vmlinuz-linux": "kernel", "usr/lib/modules/\(version)/pkgbase": "linux\n",
        "boot/loader/entries/arch.conf":
          "title Arch Linux\nlinux /vmlinuz-linux\ninitrd /initramfs-linux.img\noptions root=\(device) rw\n",
        "etc/os-release": "NAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n",
        "etc/arch-release": "", "etc/fstab": "\(device) / ext4 rw,relatime 0 1\n",
        "etc/mkinitcpio.conf": "MODULES=()\nHOOKS=(base udev autodetect modconf block filesystems fsck)\n",
        "etc/mkinitcpio.conf.d/.keep": "", "usr/bin/mkinitcpio": "#!/bin/bash\n",
        "etc/systemd/network/20-wired.network":
          "[Match]\nName=ens192\n\n[Network]\nAddress=192.0.2.40/24\nGateway=192.0.2.1\nDNS=192.0.2.53\n",
        "usr/lib/systemd/network/99-default.link": "[Match]\nOriginalName=*\n", "usr/lib/systemd/systemd": "program",
      ]), uniquingKeysWith: { $1 })
    return SyntheticTree(
      name: "arch", version: version,
      initramfs: ["/boot/initramfs-linux.img", "/boot/initramfs-linux-fallback.img"], files: files,
      links: ["lib": "usr/lib", "bin": "usr/bin", "sbin": "usr/bin"], uuid: "11111111-aaaa-4bbb-8ccc-000000000004")
  }

  /// Writes its files, folders and links into a folder of its name.
  func write(in folder: TemporaryFolder) throws -> URL {
    let tree = folder.url.appendingPathComponent(name)
    for (path, bytes) in files {
      let url = tree.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    for directory in ["bin", "usr/bin", "usr/sbin", "proc", "sys", "dev", "tmp", "etc", "lib", "sbin"]
    where links[directory] == nil {
      try FileManager.default.createDirectory(
        at: tree.appendingPathComponent(directory), withIntermediateDirectories: true)
    }
    // What the architecture is told by.
    let shell = tree.appendingPathComponent(links["bin"] ?? "bin").appendingPathComponent("ls")
    try FileManager.default.copyItem(at: URL(fileURLWithPath: "/usr/bin/true"), to: shell)
    for (path, target) in links {
      let url = tree.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }
    return tree
  }

  /// Writes it as a raw disk with one partition of ext4, without root.
  func makeDisk(in folder: TemporaryFolder) throws -> GuestDisk {
    let tree = try write(in: folder)
    let image = folder.url.appendingPathComponent("\(name).raw").path
    try Lab.run("truncate", ["-s", "160M", image])
    // The filesystem is made in its partition directly.
    let start = partition == 1 ? 2048 : 8192
    let first = partition == 1 ? "" : "start=2048, size=4096, type=82\\n"
    let table = first + "start=\(start), type=83, bootable\\n"
    try Lab.run("sh", ["-c", "printf '\(table)' | PATH=$PATH:/sbin:/usr/sbin sfdisk -q \(image)"])
    let limit = inodes.map { " -b 1024 -N \($0)" } ?? ""
    try Lab.run(
      "sh",
      [
        "-c",
        "PATH=$PATH:/sbin:/usr/sbin mke2fs -q\(limit) -F -t ext4 -U \(uuid) -d \(tree.path) -E offset=\(start * 512) \(image) 150M",
      ])
    return GuestDisk(path: image, format: "raw", readOnly: false)
  }
}
