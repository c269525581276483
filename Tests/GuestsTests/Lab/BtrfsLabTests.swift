import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// A system as SUSE installs it: on a subvolume that snapper counts as its first snapshot, with subvolumes for what
/// snapshots are to leave out.
@Suite(
  "A system among its snapshots on btrfs", .tags(.guest), .enabled(if: SyntheticGuest.canBeMade, SyntheticGuest.whyNot),
  .enabled(if: BootMatrixGuestTests.isWhole, "part of `make test-matrix`"))
struct BtrfsLabTests {
  private static let drivers = ["virtio_pci", "virtio_blk"]
  private static let needs = [DriverNeed(when: .init(family: "linux"), need: drivers, initramfs: true)]

  private func makeDisk(in folder: TemporaryFolder) throws -> (disk: GuestDisk, initramfs: String) {
    var tree = try SyntheticTree.redHat("/dev/sda1")
    tree.name = "suse15"
    tree.files = tree.files.filter { !$0.key.hasPrefix("boot/loader/") && !$0.key.hasPrefix("etc/redhat-release") }
    func set(_ path: String, _ text: String) { tree.files[path] = Array(text.utf8) }
    set(
      "etc/os-release",
      "NAME=\"SLES\"\nVERSION=\"15-SP5\"\nVERSION_ID=\"15.5\"\nPRETTY_NAME=\"SUSE Linux Enterprise Server 15 SP5\"\n"
        + "ID=\"sles\"\nID_LIKE=\"suse\"\n")
    set(
      "etc/fstab",
      "/dev/sda1 / btrfs defaults 0 0\n/dev/sda1 /var btrfs subvol=/@/var 0 0\n"
        + "/dev/sda1 /boot/grub2/i386-pc btrfs subvol=/@/boot/grub2/i386-pc 0 0\n"
        + "/dev/sda1 /.snapshots btrfs subvol=/@/.snapshots 0 0\n")
    set("var/.keep", "")
    set(".snapshots/.keep", "")
    set("boot/grub2/i386-pc/.keep", "")
    let root = try tree.write(in: folder)
    try Lab.run("tar", ["-C", root.path, "-cf", root.path + ".tar", "."])
    let image = folder.url.appendingPathComponent("btrfs.qcow2").path
    try Lab.run("qemu-img", ["create", "-q", "-f", "qcow2", image, "800M"])
    let script = folder.url.appendingPathComponent("script")
    try Data(
      """
      run
      part-init /dev/sda mbr
      part-add /dev/sda p 2048 -2048
      mkfs btrfs /dev/sda1
      mount /dev/sda1 /
      btrfs-subvolume-create /@
      btrfs-subvolume-create /@/.snapshots
      mkdir /@/.snapshots/1
      btrfs-subvolume-create /@/.snapshots/1/snapshot
      btrfs-subvolume-create /@/var
      mkdir-p /@/boot/grub2
      btrfs-subvolume-create /@/boot/grub2/i386-pc
      tar-in \(root.path).tar /@/.snapshots/1/snapshot
      mkdir /@/.snapshots/2
      btrfs-subvolume-snapshot /@/.snapshots/1/snapshot /@/.snapshots/2/snapshot ro:true
      mkdir /@/.snapshots/3
      btrfs-subvolume-snapshot /@/.snapshots/1/snapshot /@/.snapshots/3/snapshot ro:true
      btrfs-subvolume-set-default 258 /

      """.utf8
    ).write(to: script)
    try Lab.run(
      "env",
      [
        "LIBGUESTFS_BACKEND=direct", "LIBGUESTFS_BACKEND_SETTINGS=force_tcg", "guestfish", "--format=qcow2", "-a",
        image,
        "-f", script.path,
      ])
    return (GuestDisk(path: image, format: "qcow2", readOnly: false), tree.initramfs[0])
  }

  private struct After: Sendable {
    var mounts: [GuestInspection.Mount]
    var firstBoot: Bool
    var drivers: [String]
    var snapshot: [String]
    var table: String
  }

  @Test("its snapshots are no systems of their own, and stay as they are; its subvolumes are mounted where they belong")
  func prepare() async throws {
    let folder = try TemporaryFolder()
    let (disk, initramfs) = try makeDisk(in: folder)
    let script = folder.url.appendingPathComponent("hello").path
    try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(fileURLWithPath: script))
    let wish = LinuxWish(firstBootScripts: [script])
    let report = try await GuestPreparer().prepare([disk], needs: Self.needs, linux: wish) { _ in }
    let facts = report.facts
    #expect(report.prepared && facts.understood && facts.systemCount == 1 && facts.unreadable == nil)
    #expect(facts.distribution == "sles" && facts.version == "15.5")
    #expect(report.kernels.map(\.inInitramfs) == [Self.drivers])
    #expect(report.warnings.contains { $0.hasPrefix("2 snapshots of the system") }, "\(report.warnings)")

    let after = try await Appliance.with(
      [GuestDisk(path: disk.path, format: disk.format)], options: .init(), logger: Logger(label: "test")
    ) { guest throws(AscendError) in
      let inspection = try GuestExamination(guest: guest, drivers: Self.drivers, recordedFirmware: nil).examine()
      func drivers(_ subvolume: String) throws(AscendError) -> [String] {
        try guest.mount(subvolume, at: "/", readOnly: true)
        let found = try KernelSurvey(guest: guest, drivers: Self.drivers).kernels().flatMap(\.inInitramfs)
        try guest.unmountAll()
        return found
      }
      let (prepared, snapshot) = (
        try drivers("btrfsvol:/dev/sda1/@/.snapshots/1/snapshot"),
        try drivers("btrfsvol:/dev/sda1/@/.snapshots/2/snapshot")
      )
      try guest.mount("btrfsvol:/dev/sda1/@/var", at: "/", readOnly: true)
      let firstBoot = try guest.exists("/lib/ascend/first-boot/run")
      try guest.unmountAll()
      try guest.mount("/dev/sda1", at: "/", readOnly: true)
      return After(
        mounts: inspection.mounts, firstBoot: firstBoot, drivers: prepared, snapshot: snapshot,
        table: try guest.readText("/etc/fstab") ?? "")
    }
    #expect(after.mounts.contains(.init(path: "/", device: "/dev/sda1")))
    // Written as its fstab has it, with one slash or two.
    #expect(
      after.mounts.contains { $0.path == "/var" && $0.device.hasPrefix("btrfsvol:") && $0.device.hasSuffix("/@/var") },
      "\(after.mounts)")
    // What belongs under /var is in its subvolume, and not beneath the place where that is mounted.
    #expect(after.firstBoot)
    #expect(after.drivers == Self.drivers && after.snapshot == [])
    #expect(!after.table.contains("/dev/sda1") && after.table.contains(" /var btrfs subvol=/@/var 0 0\n"))
    #expect(report.kernels.map(\.initramfs) == [initramfs])

    let again = try await GuestPreparer().prepare([disk], needs: Self.needs, linux: wish) { _ in }
    #expect(again.prepared && !again.changed, "\(again.changes)")
  }
}
