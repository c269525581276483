import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

@Suite(
  "A guest with LVM, two kernels and old names", .tags(.guest),
  .enabled(if: SyntheticGuest.canBeMade, SyntheticGuest.whyNot), .serialized)
struct SyntheticGuestTests {
  private let drivers = ["virtio_pci", "virtio_blk", "virtio_scsi"]

  private struct After: Sendable {
    var fstab: String
    var defaults: String
    var modules: String
    var resume: String
    var rules: Bool
    var checksumRecord: String
    var mode: Int64
    var group: Int64
    var initramfs: [String: InitramfsContents]
    var boot: [String]
    var fallback: [String]
  }

  @Test("every kernel gets what it lacks, and every name that depends on the hardware goes")
  func prepare() async throws {
    let folder = try TemporaryFolder()
    let guest = try SyntheticGuest(in: folder)
    let needs = [DriverNeed(when: .init(family: "linux"), need: drivers, initramfs: true)]
    let (report, after) = try await prepareAndLook(guest.disk, needs)

    #expect(report.prepared)
    #expect(report.facts.productName == "Debian GNU/Linux 12 (bookworm)")
    #expect(report.facts.hostname == "synthetic")
    #expect(report.facts.version == "12.5")
    #expect(report.facts.firmware == .uefi)
    #expect(report.facts.bootDisk == 0)
    #expect(report.facts.volumeManagers == ["lvm"] && report.facts.bootLoader == "grub2")
    #expect(report.facts.freeBytes?.keys.sorted() == ["/", "/boot", "/boot/efi"])
    // A FAT filesystem has no fixed number of files.
    #expect(report.facts.freeInodes?.keys.sorted() == ["/", "/boot"])
    let new = try #require(report.kernels.first { $0.version == SyntheticGuest.newKernel })
    let old = try #require(report.kernels.first { $0.version == SyntheticGuest.oldKernel })
    #expect(new.added == ["virtio", "virtio_blk", "virtio_scsi", "sd_mod"])
    #expect(new.builtIn == ["virtio_pci"])
    #expect(new.inInitramfs == ["virtio_blk", "virtio_scsi"])
    #expect(old.added == ["virtio", "virtio_scsi", "sd_mod"])
    #expect(old.builtIn == ["virtio_pci", "virtio_blk"])
    #expect(report.warnings.contains("/etc/fstab: /dev/sdb1 was left as it is: the backup has no disk 2"))
    #expect(report.warnings.allSatisfy { $0.contains("/dev/sdb1") })

    #expect(!after.fstab.contains("/dev/sda"))
    #expect(after.fstab.hasPrefix("/dev/mapper/vg-root / ext4 errors=remount-ro 0 1\nUUID="))
    #expect(after.fstab.contains("\nUUID=\(SyntheticGuest.swapUUID) none swap sw 0 0\n"))
    #expect(after.mode & 0o777 == 0o640 && after.group == 42)
    #expect(
      after.defaults
        == "GRUB_DISABLE_LINUX_UUID=false\nGRUB_CMDLINE_LINUX=\"resume=UUID=\(SyntheticGuest.swapUUID) quiet\"\n")
    #expect(after.modules.hasPrefix("# modules\next4\n\(MarkedBlock.begin)\nvirtio_pci\n"))
    #expect(after.modules.contains("\nsd_mod\n\(MarkedBlock.end)\n"))
    #expect(after.resume == "RESUME=UUID=\(SyntheticGuest.swapUUID)\n")
    #expect(!after.rules)
    #expect(!after.checksumRecord.hasPrefix("aaaa") && after.checksumRecord.hasSuffix("  /boot/x\n"))
    for kernel in [SyntheticGuest.newKernel, SyntheticGuest.oldKernel] {
      let contents = try #require(after.initramfs[kernel])
      #expect(contents.files["conf/conf.d/resume"] == Array(after.resume.utf8))
      #expect(contents.modules(for: kernel).isSuperset(of: ["vmw_pvscsi", "virtio_scsi", "sd_mod"]))
      #expect(contents.modulesFolder(for: kernel) == "lib/modules/\(kernel)")
      let modules = InitramfsModules(contents, kernel: kernel)
      #expect(["vmw_pvscsi", "virtio_scsi", "sd_mod"].allSatisfy { modules.loads(ModuleName($0)) })
      // As initramfs-tools has put them there, and not as the guest has them.
      #expect(contents.modulePaths.allSatisfy { $0.hasSuffix(".ko") })
      #expect(after.boot.contains("initrd.img-\(kernel).pre-restore"))
    }
    #expect(after.initramfs[SyntheticGuest.newKernel]?.segments.map(\.kind) == [.cpio, .zstd, .cpio])
    #expect(after.initramfs[SyntheticGuest.oldKernel]?.segments.map(\.kind) == [.gzip, .cpio])
    #expect(!after.boot.contains { $0.hasSuffix(".ascend-new") })
    #expect(after.fallback == ["BOOTX64.EFI", "grubx64.efi"])
    #expect(report.changes.contains { $0.path == "/boot/efi/EFI/BOOT/BOOTX64.EFI" })

    let again = try await GuestPreparer().prepare([guest.disk], needs: needs) { _ in }
    #expect(again.prepared && !again.changed)
  }

  private func prepareAndLook(
    _ disk: GuestDisk, _ needs: [DriverNeed]
  ) async throws -> (PreparationReport, After) {
    try await Appliance.with([disk], options: .init(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      let report = try GuestPreparer.prepare(guest, needs, nil, [], WindowsWish(), LinuxWish()) { _ in }
      try guest.unmountAll()
      try guest.mount("/dev/vg/root", at: "/", readOnly: true)
      try guest.mount("/dev/sda2", at: "/boot", readOnly: true)
      try guest.mount("/dev/sda1", at: "/boot/efi", readOnly: true)
      var initramfs: [String: InitramfsContents] = [:]
      for kernel in [SyntheticGuest.newKernel, SyntheticGuest.oldKernel] {
        initramfs[kernel] = try KernelSurvey(guest: guest, drivers: []).contents(
          "/boot/initrd.img-\(kernel)", wanting: ["conf/conf.d/resume"])
      }
      guard let status = guestfs_statns(guest.raw, "/etc/fstab") else {
        throw guest.failure("looking at", "/etc/fstab")
      }
      defer { guestfs_free_statns(status) }
      let after = After(
        fstab: try guest.readText("/etc/fstab") ?? "", defaults: try guest.readText("/etc/default/grub") ?? "",
        modules: try guest.readText("/etc/initramfs-tools/modules") ?? "",
        resume: try guest.readText("/etc/initramfs-tools/conf.d/resume") ?? "",
        rules: try guest.exists("/etc/udev/rules.d/70-persistent-net.rules"),
        checksumRecord: try guest.readText("/var/lib/initramfs-tools/\(SyntheticGuest.newKernel)") ?? "",
        mode: status.pointee.st_mode, group: status.pointee.st_gid, initramfs: initramfs, boot: try guest.list("/boot"),
        fallback: try guest.list("/boot/efi/EFI/BOOT"))
      return (report, after)
    }
  }
}
