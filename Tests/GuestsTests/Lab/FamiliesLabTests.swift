import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// Systems of every family that is known: their layouts are real, their programs are not. One goes the whole way, from
/// what libguestfs finds on its disk on; the others are prepared together in one appliance.
@Suite(
  "Linux of other families", .tags(.guest), .enabled(if: SyntheticGuest.canBeMade, SyntheticGuest.whyNot), .serialized)
struct FamiliesLabTests {
  static let early = [
    "virtio_pci", "virtio_blk", "virtio_scsi", "vmw_pvscsi", "mptspi", "mptsas", "ahci", "nvme", "hv_vmbus",
    "hv_storvsc", "sd_mod",
  ]
  static let late = ["virtio_net", "vmxnet3", "ena", "hv_netvsc"]

  /// What is looked at after preparation, by tree and path.
  struct After: Sendable {
    var report: PreparationReport
    var again: PreparationReport
    var texts: [String: String]
    var links: [String: String]
    var names: [String: [String]]
    var initramfs: [InitramfsContents]
    var label: String?
    /// After a script was run in it, where that was tried.
    var scripted: PreparationReport?

    func text(_ path: String) -> String { texts[path] ?? "" }
  }

  private static let looked = [
    "/etc/fstab", "/boot/loader/entries/arch.conf", "/boot/grub2/grub.cfg", "/etc/default/grub", "/boot/grub/menu.lst",
    "/etc/dracut.conf.d/90-ascend.conf", "/etc/sysconfig/kernel", "/etc/mkinitfs/mkinitfs.conf",
    "/etc/mkinitfs/features.d/ascend.modules", "/etc/mkinitcpio.conf.d/ascend.conf", "/boot/extlinux.conf",
    "/etc/update-extlinux.conf", "/etc/systemd/network/05-ascend-ens192.link", "/etc/systemd/network/20-wired.network",
    "/etc/NetworkManager/system-connections/ens192.nmconnection", "/etc/udev/rules.d/70-persistent-net.rules",
    "/etc/sysconfig/network/ifcfg-eth0", "/etc/sysconfig/network/ifroute-eth0",
    "/etc/sysconfig/network/routes", "/etc/network/interfaces",
    "/etc/inittab", "/etc/securetty", "/etc/lvm/devices/system.devices", "/boot/grub2/device.map",
    "/boot/loader/entries/aabb-5.14.0-362.8.1.el9_3.x86_64.conf", "/var/lib/ascend/first-boot/run",
    "/var/lib/ascend/first-boot/scripts/01-hello", "/etc/local.d/ascend-first-boot.start", "/.autorelabel",
  ]

  static func wish(_ tree: SyntheticTree, _ script: String) -> LinuxWish {
    var nic = NetworkWish(index: 0, oldMAC: "00:50:56:AA:00:01", newMAC: "52:54:00:12:34:56")
    switch tree.name {
    case "suse":
      nic.addressing = .fixed(
        addresses: ["198.51.100.20/24"], gateway: "198.51.100.1", nameServers: ["198.51.100.53"])
    case "alpine": nic.addressing = .dhcp
    case "arch":
      // The platform chooses the address, and it is the only card.
      nic.newMAC = nil
      nic.addressing = .fixed(addresses: ["198.51.100.40/24"], gateway: "198.51.100.1", nameServers: [])
    default: break
    }
    return LinuxWish(nics: [nic], firstBootScripts: ["redhat", "alpine"].contains(tree.name) ? [script] : [])
  }

  private func prepareAll() async throws -> [String: After] {
    let folder = try TemporaryFolder()
    let script = folder.url.appendingPathComponent("hello").path
    try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(fileURLWithPath: script))
    let trees = [
      try SyntheticTree.suse("/dev/sda2"), try SyntheticTree.alpine("/dev/sdb1"), try SyntheticTree.arch("/dev/sdc1"),
    ]
    let disks = try trees.map { try $0.makeDisk(in: folder) }
    return try await Appliance.with(disks, options: .init(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      var results: [String: After] = [:]
      let roots = try guest.texts("inspecting") { guestfs_inspect_os($0) }
      for (index, tree) in trees.enumerated() {
        let device = "\(try guest.disks()[index])\(tree.partition)"
        guard roots.contains(device) else { throw AscendError("test", "\(tree.name) is not recognised: \(roots)") }
        let wish = Self.wish(tree, script)
        try guest.mount(device, at: "/", readOnly: false)
        let report = try Self.prepareMounted(guest, tree, device, wish)
        results[tree.name] = try Self.look(guest, tree, report, try Self.prepareMounted(guest, tree, device, wish))
        try guest.unmountAll()
      }
      return results
    }
  }

  private static func prepareMounted(
    _ guest: GuestfsHandle, _ tree: SyntheticTree, _ device: String, _ wish: LinuxWish
  ) throws(AscendError) -> PreparationReport {
    var inspection = GuestInspection(
      facts: GuestFacts(understood: true, family: "linux", distribution: tree.name, architecture: "x86_64"),
      possibleFirmware: [.bios], root: device, mounts: [.init(path: "/", device: device)], packageFormat: nil,
      kernels: [], notes: [])
    inspection.kernels = try KernelSurvey(guest: guest, drivers: early + late).kernels()
    return try LinuxPreparation(
      guest: guest, inspection: inspection, needs: DriverNeeds(needs, family: "linux", version: nil),
      asked: LinuxNeeds(needs, version: nil), wish: wish, progress: { _ in }
    ).run()
  }

  static let needs = [
    DriverNeed(
      when: .init(family: "linux"), need: early, initramfs: true, settings: ["serial-console"],
      installers: ["walinuxagent"]),
    DriverNeed(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]),
    DriverNeed(when: .init(family: "linux"), need: late),
  ]

  static func look(
    _ guest: GuestfsHandle, _ tree: SyntheticTree, _ report: PreparationReport, _ again: PreparationReport
  ) throws(AscendError) -> After {
    var after = After(report: report, again: again, texts: [:], links: [:], names: [:], initramfs: [])
    for path in looked { if let text = try guest.readText(path) { after.texts[path] = text } }
    for path in [
      "/etc/systemd/system/vmtoolsd.service", "/etc/systemd/system/multi-user.target.wants/ascend-first-boot.service",
    ] where try guest.bool("looking", path, { guestfs_is_symlink($0, path) }) {
      after.links[path] = try guest.text("reading", path) { guestfs_readlink($0, path) }
    }
    for path in ["/boot", "/boot/efi/EFI/BOOT", "/etc/runlevels/default", "/etc/init.d/rc3.d"] {
      after.names[path] = try guest.list(path)
    }
    for path in tree.initramfs {
      after.initramfs.append(
        try KernelSurvey(guest: guest, drivers: []).contents(
          path,
          wanting: [
            InitramfsExtras.parameterFolder, "etc/lvm/lvmlocal.conf",
            "usr/lib/dracut/hooks/initqueue/finished/",
          ]))
    }
    let path = "/etc/systemd/network/05-ascend-ens192.link"
    var size = 0
    if let bytes = guestfs_lgetxattr(guest.raw, path, "security.selinux", &size) {
      after.label = String(cString: bytes)
      free(bytes)
    }
    return after
  }

  @Test("every family gets all drivers into every initramfs, stable names, and its own configuration for later")
  func families() async throws {
    var results = try await prepareAll()
    results["redhat"] = try await prepareRedHat()
    for (name, after) in results {
      #expect(after.report.prepared, "\(name)")
      #expect(after.again.prepared && !after.again.changed, "\(name): \(after.again.changes)")
      for (kernel, contents) in zip(after.report.kernels, after.initramfs) {
        #expect(kernel.inInitramfs == Self.early, "\(name)")
        let present = contents.modules(for: kernel.version)
        #expect(present.isSuperset(of: Self.early.map { ModuleName($0).text } + ["nvme_core", "libahci", "mptbase"]))
        let modules = InitramfsModules(contents, kernel: kernel.version)
        #expect((Self.early + ["nvme_core", "scsi_mod"]).allSatisfy { modules.loads(ModuleName($0)) }, "\(name)")
      }
      #expect(after.names["/boot"]?.contains { $0.hasSuffix(".pre-restore") } == true)
      #expect(!after.text("/etc/fstab").contains("/dev/sd"), "\(name)")
    }
    try redHat(#require(results["redhat"]))
    try suse(#require(results["suse"]))
    try alpine(#require(results["alpine"]))
    try arch(#require(results["arch"]))
  }

  private func redHat(_ after: After) throws {
    let uuid = "UUID=11111111-aaaa-4bbb-8ccc-000000000001"
    let facts = after.report.facts
    #expect(facts.distribution == "rocky" && facts.version == "9.3" && facts.firmware == .uefi)
    #expect(facts.bootLoader == "bls" && facts.initramfsTool == "dracut" && facts.systemCount == 1)
    #expect(after.names["/boot/efi/EFI/BOOT"] == ["BOOTX64.EFI", "grubx64.efi"])
    let table = after.text("/etc/fstab")
    #expect(table.hasPrefix("\(uuid) / ext4 defaults 1 1\nUUID=11111111-aaaa-4bbb-8ccc-0000000000b0 /boot ext4"))
    #expect(table.contains(" /boot/efi vfat umask=0077 0 2\n"))
    let entry = after.text("/boot/loader/entries/aabb-5.14.0-362.8.1.el9_3.x86_64.conf")
    #expect(entry.hasSuffix("options root=\(uuid) ro crashkernel=auto rhgb console=tty0 console=ttyS0,115200\n"))
    #expect(after.text("/boot/grub2/grub.cfg").hasPrefix("set kernelopts=\"root=\(uuid) ro  console=tty0"))
    #expect(after.text("/etc/default/grub").contains("rhgb quiet console=tty0 console=ttyS0,115200\"\n"))
    let drivers = after.text("/etc/dracut.conf.d/90-ascend.conf")
    #expect(drivers.hasSuffix("add_drivers+=\" \(Self.early.joined(separator: " ")) \"\n"))
    #expect(after.texts["/etc/lvm/devices/system.devices"] == nil && after.texts["/boot/grub2/device.map"] == nil)

    let contents = try #require(after.initramfs.first)
    #expect(contents.segments.map(\.kind) == [.cpio, .gzip, .cpio])
    #expect(contents.modulesFolder(for: "5.14.0-362.8.1.el9_3.x86_64").hasPrefix("usr/lib/modules/"))
    #expect(contents.modulePaths.contains { $0.hasSuffix("virtio_blk.ko.xz") })
    func file(_ path: String) -> String { String(decoding: contents.files[path] ?? [], as: UTF8.self) }
    #expect(file("etc/cmdline.d/95root-dev.conf").contains("root=\(uuid) "))
    #expect(file("etc/lvm/lvmlocal.conf").contains("use_devicesfile = 0"))
    let hooks = "usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2f"
    #expect(!file(hooks + "sda1.sh").contains("-e"))
    #expect(file(hooks + "mapper\\x2frl-root.sh").contains("-e"))

    let connection = after.text("/etc/NetworkManager/system-connections/ens192.nmconnection")
    #expect(connection.contains("mac-address=52:54:00:12:34:56\n") && connection.contains("address1=192.0.2.10/24"))
    let link = after.text("/etc/systemd/network/05-ascend-ens192.link")
    #expect(link.contains("MACAddress=52:54:00:12:34:56\n") && link.hasSuffix("[Link]\nName=ens192\n"))
    #expect(after.label == "system_u:object_r:etc_t:s0")
    #expect(after.texts["/.autorelabel"] == nil)
    // A program of its own has made a file, and in the appliance nothing gave that its label.
    #expect(after.scripted?.changes.contains { $0.path == "/.autorelabel" } == true)
    #expect(after.links["/etc/systemd/system/vmtoolsd.service"] == "/dev/null")
    #expect(after.links["/etc/systemd/system/multi-user.target.wants/ascend-first-boot.service"] != nil)
    #expect(after.text("/var/lib/ascend/first-boot/scripts/01-hello").contains("echo hello"))
    #expect(after.report.warnings.contains { $0.contains("walinuxagent") })
  }

  private func suse(_ after: After) throws {
    let uuid = "UUID=11111111-aaaa-4bbb-8ccc-000000000002"
    #expect(after.text("/etc/fstab").hasPrefix("\(uuid) / ext4 acl"))
    let menu = after.text("/boot/grub/menu.lst")
    #expect(menu.contains("root=\(uuid) resume=/dev/disk/by-id/dm-name-x splash=silent console=tty0"))
    #expect(
      after.text("/etc/sysconfig/kernel").contains(
        "INITRD_MODULES=\"vmw_pvscsi ext4 \(Self.early.filter { $0 != "vmw_pvscsi" }.joined(separator: " "))\"\n"))
    #expect(after.text("/etc/udev/rules.d/70-persistent-net.rules").contains("ATTR{address}==\"52:54:00:12:34:56\""))
    #expect(after.text("/etc/sysconfig/network/ifcfg-eth0").contains("IPADDR=\"198.51.100.20/24\"\n"))
    #expect(
      after.text("/etc/sysconfig/network/ifroute-eth0")
        == "# its own\n172.16.0.0/12 192.0.2.3 - eth0\ndefault 198.51.100.1 - eth0\n")
    #expect(after.text("/etc/sysconfig/network/routes") == "10.0.0.0/8 192.0.2.2 - eth0\n")
    #expect(after.text("/etc/inittab").hasPrefix("S0:12345:respawn"))
    #expect(after.text("/etc/securetty") == "tty1\nttyS0\n")
    #expect(after.names["/etc/init.d/rc3.d"] == [])
    #expect(after.initramfs.first?.segments.map(\.kind) == [.gzip, .cpio])
  }

  private func alpine(_ after: After) throws {
    let uuid = "UUID=11111111-aaaa-4bbb-8ccc-000000000003"
    #expect(after.report.kernels.map(\.initramfs) == ["/boot/initramfs-lts"])
    #expect(after.text("/boot/extlinux.conf").contains("APPEND root=\(uuid) modules=sd-mod,ext4 quiet console=tty0"))
    #expect(after.text("/etc/update-extlinux.conf").hasPrefix("root=\(uuid)\n"))
    #expect(after.text("/etc/mkinitfs/mkinitfs.conf") == "features=\"ata base ext4 scsi ascend\"\n")
    let modules = after.text("/etc/mkinitfs/features.d/ascend.modules")
    #expect(modules.contains("kernel/drivers/block/virtio_blk.ko*\n"))
    #expect(after.initramfs.first?.modulePaths.contains { $0.hasSuffix("hv_storvsc.ko.gz") } == true)
    #expect(after.text("/etc/network/interfaces").hasSuffix("auto eth0\niface eth0 inet dhcp\n"))
    #expect(after.text("/etc/inittab").hasSuffix("\nttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n"))
    #expect(after.names["/etc/runlevels/default"] == ["local"])
    #expect(after.text("/etc/local.d/ascend-first-boot.start").contains("first-boot/run"))
  }

  private func arch(_ after: After) throws {
    let uuid = "UUID=11111111-aaaa-4bbb-8ccc-000000000004"
    #expect(
      after.report.kernels.map(\.initramfs) == ["/boot/initramfs-linux.img", "/boot/initramfs-linux-fallback.img"])
    #expect(after.initramfs.map { $0.segments.map(\.kind) } == [[.zstd, .cpio], [.zstd, .cpio]])
    for paths in after.initramfs.map(\.modulePaths) {
      // What mkinitcpio put in stays where it is, and what is added is decompressed as that is.
      #expect(paths.contains("usr/lib/modules/6.6.8-arch1-1/kernel/vmw_pvscsi.ko"))
      #expect(paths.contains("usr/lib/modules/6.6.8-arch1-1/kernel/drivers/block/virtio_blk.ko"))
      #expect(paths.allSatisfy { $0.hasSuffix(".ko") })
    }
    #expect(after.text("/boot/loader/entries/arch.conf").contains("options root=\(uuid) rw console=tty0"))
    #expect(
      after.text("/etc/mkinitcpio.conf.d/ascend.conf").contains("MODULES+=(\(Self.early.joined(separator: " ")))\n"))
    let link = after.text("/etc/systemd/network/05-ascend-ens192.link")
    #expect(link.contains("[Match]\nDriver=virtio_net\n"))
    let network = after.text("/etc/systemd/network/20-wired.network")
    #expect(network.contains("Address=198.51.100.40/24\nGateway=198.51.100.1\n") && !network.contains("192.0.2"))
  }
}
