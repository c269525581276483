import ConnectorProtocol
import Testing

@testable import Guests

@Suite("What files say of a guest")
struct SurveyTests {
  @Test(
    "the boot loader by its files",
    arguments: [
      (["/boot/grub/grub.cfg"], "grub2"), (["/boot/grub2/grub.cfg", "/boot/loader/entries/a-6.1.conf"], "grub2"),
      (["/boot/grub/menu.lst"], "grub-legacy"), (["/boot/grub/grub.conf"], "grub-legacy"),
      (["/boot/efi/EFI/redhat/grub.conf"], "grub-legacy"),
      (["/boot/efi/EFI/redhat/grub.conf", "/boot/efi/EFI/redhat/grub.cfg"], "grub2"),
      (["/boot/efi/loader/loader.conf", "/boot/efi/EFI/systemd/systemd-bootx64.efi"], "systemd-boot"),
      (["/boot/extlinux.conf"], "extlinux"), (["/etc/lilo.conf"], "lilo"), ([], nil),
    ] as [([String], String?)])
  func loader(files: [String], kind: String?) {
    #expect(LoaderSurvey.bootLoader(files) == kind)
  }

  @Test(
    "the initramfs tool by its files",
    arguments: [
      (["/usr/sbin/update-initramfs", "/usr/sbin/mkinitramfs", "/etc/initramfs-tools/"], "initramfs-tools"),
      (
        ["/usr/sbin/update-initramfs", "/usr/sbin/mkinitramfs", "/etc/initramfs-tools/", "/usr/bin/dracut"],
        "initramfs-tools"
      ),
      // A Debian that was switched to dracut keeps the configuration of what it had.
      (["/usr/sbin/update-initramfs", "/etc/initramfs-tools/", "/usr/bin/dracut"], "dracut"),
      (["/usr/sbin/update-initramfs", "/usr/bin/dracut"], "dracut"),
      (["/usr/bin/dracut", "/sbin/mkinitrd"], "dracut"), (["/sbin/mkinitrd"], "mkinitrd"),
      (["/usr/bin/mkinitcpio", "/etc/mkinitcpio.conf"], "mkinitcpio"),
      (["/sbin/mkinitfs", "/etc/mkinitfs/"], "mkinitfs"),
      (["/etc/mkinitfs/"], nil), ([], nil),
    ] as [([String], String?)])
  func initramfs(files: [String], tool: String?) {
    #expect(InitramfsTool.find(among: files)?.rawValue == tool)
  }

  @Test("agents by their files")
  func agents() throws {
    let table = try AgentTable.bundled()
    let files = ["/usr/bin/vmtoolsd", "/usr/lib/linux-tools/5.4.0-1/hv_kvp_daemon", "/usr/local/nutanix/ngt/"]
    #expect(table.found(among: files).map(\.name) == ["vmware-tools", "hyperv-daemons", "nutanix-guest-tools"])
    #expect(table.found(among: ["/home/usr/bin/vmtoolsd", "/usr/lib/linux-tools/a/b/hv_kvp_daemon"]) == [])
    // The folder alone is what a package that was removed leaves: its configuration.
    #expect(table.found(among: ["/etc/vmware-tools/"]) == [])
    #expect(table.found(among: ["/etc/vmware-tools/services.sh"]).map(\.name) == ["vmware-tools"])
  }

  private struct Registry: RegistryReading {
    var values: [String: RegistryValue]
    func value(_ key: [String], _ name: String) -> RegistryValue? { values[(key + [name]).joined(separator: "\\")] }
    func has(_ key: [String]) -> Bool { values.keys.contains { $0.hasPrefix(key.joined(separator: "\\") + "\\") } }
  }

  @Test("agents and addresses of a Windows by its registry")
  func windows() throws {
    let registry = Registry(values: [
      "S\\Services\\VMTools\\Start": .dword(2), "S\\Services\\QEMU-GA\\Start": .dword(4),
      "I\\EnableDHCP": .dword(0), "I\\IPAddress": .multiString(["192.0.2.9", "192.0.2.10"]),
      "I\\SubnetMask": .multiString(["255.255.255.0", "255.255.0.0"]), "I\\DefaultGateway": .multiString(["192.0.2.1"]),
      "I\\NameServer": .string("192.0.2.53,192.0.2.54"), "D\\EnableDHCP": .dword(1),
      "D\\IPAddress": .multiString(["0.0.0.0"]),
    ])
    #expect(try AgentTable.bundled().installed(registry, controlSet: "S").map(\.name) == ["vmware-tools"])
    let fixed = try #require(try WindowsSurvey.interface(registry, ["I"], name: "Ethernet0"))
    #expect(fixed.method == "static" && fixed.addresses == ["192.0.2.9/24", "192.0.2.10/16"])
    #expect(fixed.gateway == "192.0.2.1" && fixed.nameServers == ["192.0.2.53", "192.0.2.54"])
    #expect(try WindowsSurvey.interface(registry, ["D"], name: "Ethernet1")?.method == "dhcp")
    #expect(try WindowsSurvey.interface(registry, ["none"], name: "x") == nil)
  }

  @Test("os-release with and without quotes")
  func release() {
    let release = OSRelease("# x\nPRETTY_NAME=\"Fedora Linux 39 (Server Edition)\"\nVARIANT_ID=server\nX\n")
    #expect(release.prettyName == "Fedora Linux 39 (Server Edition)" && release.variant == "server")
    #expect(OSRelease("PRETTY_NAME='A B'").prettyName == "A B")
    #expect(OSRelease("PRETTY_NAME=\n").prettyName == nil)
  }

  @Test("what is mounted, what is passed over, and what has no driver here")
  func filesystems() {
    #expect(StorageSurvey.kind(of: "ext4") == .filesystem && StorageSurvey.kind(of: "xfs") == .filesystem)
    #expect(StorageSurvey.kind(of: "LVM2_member") == .container && StorageSurvey.kind(of: "swap") == .container)
    #expect(StorageSurvey.kind(of: "ReFS") == .never && StorageSurvey.kind(of: "zfs_member") == .never)
    #expect(DiskLayout.role(gptType: "af9b60a0-1431-4f62-bc68-3311714a69ad") == .dynamicDisk)
    #expect(DiskLayout.role(gptType: "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D") == .storageSpace)
    #expect(DiskLayout.role(mbrType: 0x42) == .dynamicDisk && DiskLayout.role(mbrType: 0x83) == .other)
    #expect(StorageSurvey.oneLine("mount: wrong fs type\n  bad option\n") == "mount: wrong fs type bad option")
  }
}
