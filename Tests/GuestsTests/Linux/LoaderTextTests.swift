import Testing

@testable import Guests

@Suite("Boot loaders of Linux guests")
struct LoaderTextTests {
  private let serial = KernelArguments(arguments: ["console=tty0", "console=ttyS0,115200"])

  @Test(
    "arguments are added where kernels take them, once, and inside quotes",
    arguments: [
      (.grub, "\tlinux\t/vmlinuz root=UUID=x ro quiet", "\tlinux\t/vmlinuz root=UUID=x ro quiet @"),
      (.grub, "set kernelopts=\"root=UUID=x ro \"", "set kernelopts=\"root=UUID=x ro  @\""),
      (.grub, "\tinitrd /initrd", "\tinitrd /initrd"), (.grub, "linux16 /memtest", "linux16 /memtest"),
      (.legacyGrub, "    kernel /vmlinuz root=/dev/x ro", "    kernel /vmlinuz root=/dev/x ro @"),
      (.legacyGrub, "# kopt=root=UUID=x ro", "# kopt=root=UUID=x ro"),
      (.entry, "options root=UUID=x rw", "options root=UUID=x rw @"),
      (.entry, "options $kernelopts", "options $kernelopts"),
      (.syslinux, "  APPEND root=UUID=x", "  APPEND root=UUID=x @"),
      (.settings, "GRUB_CMDLINE_LINUX=\"\"", "GRUB_CMDLINE_LINUX=\"@\""),
      (.settings, "GRUB_CMDLINE_LINUX='quiet'", "GRUB_CMDLINE_LINUX='quiet @'"),
      (.settings, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
      (.commandLine, "root=UUID=x ro", "root=UUID=x ro @"), (.commandLine, "", ""),
      (.entry, "options root=UUID=x console=ttyS0,9600", "options root=UUID=x console=ttyS0,9600"),
    ] as [(LoaderFiles.Syntax, String, String)])
  func arguments(syntax: LoaderFiles.Syntax, line: String, expected: String) {
    let all = "console=tty0 console=ttyS0,115200"
    let outcome = serial.added(to: line, syntax)
    #expect(outcome.text == expected.replacing("@", with: all))
    #expect(serial.added(to: outcome.text, syntax).changes == [])
  }

  @Test("an entry names its kernel and every initramfs that is a file")
  func entries() {
    let entry = LoaderEntry("title X\nversion 5.14\nlinux /vmlinuz-5.14\ninitrd /ucode.img\ninitrd /i.img $tuned\n")
    #expect(entry?.version == "5.14" && entry?.linux == "/vmlinuz-5.14" && entry?.initrd == ["/ucode.img", "/i.img"])
    #expect(LoaderEntry("title Windows\nefi /EFI/x.efi\n") == nil)
  }

  @Test("GRUB's environment block keeps its size")
  func environment() {
    let original = "# GRUB Environment Block\nkernelopts=root=/dev/sda1 ro\n" + String(repeating: "#", count: 40)
    let changed = "# GRUB Environment Block\nkernelopts=root=UUID=1234 ro\n" + String(repeating: "#", count: 40)
    let fitted = LoaderRewrite.fitting(.init(text: changed, changes: [.init(before: "a", after: "b")]), like: original)
    #expect(
      fitted.text.utf8.count == original.utf8.count
        && fitted.text.hasPrefix("# GRUB Environment Block\nkernelopts=root=UUID=1234 ro\n#"))
    let long = original.replacing("/dev/sda1", with: String(repeating: "x", count: 200))
    let kept = LoaderRewrite.fitting(.init(text: long), like: original)
    #expect(kept.text == original && kept.warnings.count == 1)
  }

  @Test("names by id and by path are names of the old hardware; those that the content gives are not")
  func ids() {
    #expect(DeviceName("/dev/disk/by-id/scsi-36000c29-part2")?.partition == 2)
    #expect(DeviceName("/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1")?.partition == 1)
    #expect(DeviceName("/dev/disk/by-id/dm-name-vg-root") == nil)
    #expect(DeviceName("/dev/disk/by-id/lvm-pv-uuid-x-part1") == nil)
    #expect(InitramfsExtras.waitsForOldName("usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fsda2.sh"))
    #expect(
      !InitramfsExtras.waitsForOldName("usr/lib/dracut/hooks/finished/devexists-\\x2fdev\\x2fmapper\\x2fvg-root.sh"))
  }

  @Test("lists of drivers keep what they have")
  func lists() {
    #expect(DriverLists.adding(["b", "c"], toQuoted: "X", in: "X=\"a b\"\n") == "X=\"a b c\"\n")
    #expect(DriverLists.adding(["a"], toQuoted: "X", in: "X='a'\n") == "X='a'\n")
    #expect(DriverLists.adding(["a"], toQuoted: "X", in: "Y=1\n") == "Y=1\nX=\"a\"\n")
    #expect(DriverLists.quoted("add_drivers", in: "#\nadd_drivers+=\" a b \"\n") == ["a", "b"])
    #expect(
      SerialLogin.enabled("ttyS0", in: "1:x\n#T0:23:respawn:/sbin/getty -L ttyS0\n")
        == "1:x\nT0:23:respawn:/sbin/getty -L ttyS0\n")
    #expect(SELinuxLabels.isEnabled("# SELINUX=enforcing\nSELINUX=permissive\n"))
    #expect(!SELinuxLabels.isEnabled("SELINUX=disabled\nSELINUXTYPE=targeted\n"))
    #expect(VersionText.isLower("6.6.7-0-lts", "6.6.10-0-lts"))
  }
}
