import Support
import Testing

@testable import Guests

@Suite("Device names in a guest's configuration")
struct DeviceNameTests {
  @Test(
    "names by place",
    arguments: [
      ("/dev/sda1", 0, 1), ("/dev/vdb12", 1, 12), ("/dev/hdc", 2, nil), ("/dev/xvda2", 0, 2), ("/dev/sdaa3", 26, 3),
      ("/dev/nvme0n1p2", 0, 2), ("/dev/nvme3n1", 3, nil),
    ] as [(String, Int, Int?)])
  func places(path: String, disk: Int, partition: Int?) {
    #expect(DeviceName(path)?.disk == disk)
    #expect(DeviceName(path)?.partition == partition)
  }

  @Test(
    "names by the old hardware that do not tell the disk",
    arguments: [
      ("/dev/disk/by-id/ata-x", "ata-x", nil), ("/dev/disk/by-id/scsi-36000c29-part2", "scsi-36000c29", 2),
      ("/dev/disk/by-path/pci-0000:00:10.0-scsi-0:0:1:0", "pci-0000:00:10.0-scsi-0:0:1:0", nil),
      ("/dev/disk/azure/scsi1/lun0-part1", "scsi1/lun0", 1), ("/dev/disk/azure/root-part1", "root", 1),
      ("/dev/cciss/c1d0p3", "cciss/c1d0", 3),
    ] as [(String, String, Int?)])
  func stems(path: String, stem: String, partition: Int?) {
    let name = DeviceName(path)
    #expect(name?.disk == nil && name?.stem == stem && name?.partition == partition && name?.isTemporary == false)
  }

  @Test("the first disk of an old array controller, and the temporary one of a cloud")
  func others() {
    #expect(DeviceName("/dev/cciss/c0d1p2")?.disk == 1 && DeviceName("/dev/cciss/c0d1p2")?.partition == 2)
    #expect(DeviceName("/dev/disk/azure/resource-part1")?.isTemporary == true)
    #expect(DeviceName("/dev/disk/cloud/azure_resource-part1")?.isTemporary == true)
  }

  @Test(
    "names that hold anywhere",
    arguments: [
      "UUID=1-2", "LABEL=root", "/dev/mapper/vg-root", "/dev/vg/root", "/dev/disk/by-id/dm-name-x", "/dev/sr0",
      "/dev/md0",
      "/dev/sd", "/dev/sda1x", "tmpfs", "/dev/nvme0", "/dev/sdaaaa1", "/dev/sda1/../sdb",
    ])
  func stable(path: String) {
    #expect(DeviceName(path) == nil)
  }

  private func lookup(_ name: DeviceName, _ type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
    let disk = name.disk ?? 0
    if disk > 1 { return .keep("the backup has no disk \(disk + 1)") }
    return .use("UUID=\(disk)-\(name.partition ?? 0)")
  }

  @Test("fstab: only names by place change, every other character stays")
  func fstab() throws {
    let text = """
      # /etc/fstab /dev/sda9
      /dev/sda1\t/  ext4   errors=remount-ro 0 1
        /dev/vdb2 /data xfs defaults 0 0
      UUID=abc /boot ext4 defaults 0 2
      /dev/mapper/vg-home /home ext4 defaults 0 2
      /dev/sdd1 /old ext4 noauto 0 0
      /dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0

      tmpfs /tmp tmpfs size=1G 0 0
      """
    let outcome = try DeviceNameRewrite.table(text, device: 0, type: 2, lookup)
    #expect(
      outcome.text == """
        # /etc/fstab /dev/sda9
        UUID=0-1\t/  ext4   errors=remount-ro 0 1
          UUID=1-2 /data xfs defaults 0 0
        UUID=abc /boot ext4 defaults 0 2
        /dev/mapper/vg-home /home ext4 defaults 0 2
        /dev/sdd1 /old ext4 noauto 0 0
        /dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0

        tmpfs /tmp tmpfs size=1G 0 0
        """)
    #expect(outcome.changes.count == 2)
    #expect(outcome.changes[0].before == "/dev/sda1\t/  ext4   errors=remount-ro 0 1")
    #expect(outcome.warnings == ["/dev/sdd1 was left as it is: the backup has no disk 4"])
    let again = try DeviceNameRewrite.table(outcome.text, device: 0, type: 2, lookup)
    #expect(again.text == outcome.text && again.changes.isEmpty)
  }

  @Test("the filesystem type is passed on")
  func types() throws {
    var seen: [String?] = []
    _ = try DeviceNameRewrite.table("/dev/sda1 / ext4\n/dev/sda2", device: 0, type: 2) { _, type throws(AscendError) in
      seen.append(type)
      return .keep("")
    }
    #expect(seen == ["ext4", nil])
  }

  @Test("crypttab: the second field")
  func crypttab() throws {
    let outcome = try DeviceNameRewrite.table(
      "data /dev/sdb1 none luks\nswap /dev/sda5 /dev/urandom swap", device: 1, type: nil, lookup)
    #expect(outcome.text == "data UUID=1-1 none luks\nswap UUID=0-5 /dev/urandom swap")
  }

  @Test("grub.cfg: kernel lines only")
  func grub() throws {
    let text = """
      set root='hd0,msdos1' # root=/dev/sda1
      \tlinux\t/boot/vmlinuz-6 root=/dev/sda1 ro resume=/dev/sda5 quiet
      \tlinux16 /vmlinuz root=UUID=abc ro
      \tlinux /vmlinuz root=/dev/mapper/vg-root netroot=/dev/sda1
      """
    let outcome = try DeviceNameRewrite.kernelParameters(text, on: DeviceNameRewrite.loadsKernel, lookup)
    #expect(
      outcome.text == """
        set root='hd0,msdos1' # root=/dev/sda1
        \tlinux\t/boot/vmlinuz-6 root=UUID=0-1 ro resume=UUID=0-5 quiet
        \tlinux16 /vmlinuz root=UUID=abc ro
        \tlinux /vmlinuz root=/dev/mapper/vg-root netroot=/dev/sda1
        """)
    #expect(outcome.changes.count == 1)
  }

  @Test("/etc/default/grub: parameters in quotes")
  func defaults() throws {
    let outcome = try DeviceNameRewrite.kernelParameters(
      "GRUB_CMDLINE_LINUX=\"root=/dev/sda1 quiet\"\nGRUB_CMDLINE_LINUX_DEFAULT='quiet resume=/dev/sda2'\nX=\"root=/dev/sda1\"",
      on: DeviceNameRewrite.setsKernelParameters, lookup)
    #expect(
      outcome.text
        == "GRUB_CMDLINE_LINUX=\"root=UUID=0-1 quiet\"\nGRUB_CMDLINE_LINUX_DEFAULT='quiet resume=UUID=0-2'\nX=\"root=/dev/sda1\""
    )
  }

  @Test(
    "the resume device",
    arguments: [
      ("RESUME=/dev/sda5\n", "RESUME=UUID=0-5\n"), ("RESUME=\"/dev/sda5\"", "RESUME=\"UUID=0-5\""),
      ("RESUME=none\n", "RESUME=none\n"), ("RESUME=UUID=1\n", "RESUME=UUID=1\n"),
      ("# RESUME=/dev/sda5", "# RESUME=/dev/sda5"),
    ])
  func resume(before: String, after: String) throws {
    #expect(try DeviceNameRewrite.assignment("RESUME", before, lookup).text == after)
  }

  @Test(
    "filesystem types agree",
    arguments: [
      ("ext4", "ext4", true), ("auto", "xfs", true), ("ext3", "ext4", true), ("vfat", "vfat", true),
      ("ext4", "xfs", false),
      ("swap", "ext4", false), ("xfs,ext4", "ext4", true), ("none", "ext4", false),
    ])
  func agreement(stated: String, found: String, agree: Bool) {
    #expect(StableNames.agrees(stated, found) == agree)
  }
}
