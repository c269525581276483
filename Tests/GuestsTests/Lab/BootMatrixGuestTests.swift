import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// Real guests on hardware that their initramfs has no driver for: as they are they do not start, prepared they do.
@Suite("Guests on other hardware", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot))
struct BootMatrixGuestTests {
  /// A guest whose initramfs has the disk drivers of one platform, and the hardware of others.
  struct Row: Sendable, CustomTestStringConvertible {
    var image: String
    var firmware = FirmwareType.bios
    /// Bus and network card.
    var others: [(bus: String, nic: String)]
    var address = "10.0.2.15/24"

    var testDescription: String { "\(image) with \(firmware.rawValue)" }

    func hardware(_ bus: String, _ nic: String, secure: Bool = false) -> BootHardware {
      BootHardware(
        firmware: firmware, secureBoot: secure, memoryBytes: 768 << 20, buses: [bus],
        nics: [.init(model: nic, mac: BootMatrixGuestTests.mac)])
    }
  }

  static let mac = "52:54:00:12:34:56"
  /// What `make test-matrix` tries. Each boot takes about a minute where the processor is emulated, so that `make test`
  /// has every guest on one foreign hardware, each on another, beside the restores that boot on virtio.
  static let isWhole = ProcessInfo.processInfo.environment["ASCEND_TEST_MATRIX"] == "1"
  static let rows = [
    // Knows pvscsi only, initramfs-tools.
    Row(
      image: "guest.raw",
      others: isWhole ? [("virtio-blk", "virtio-net"), ("nvme", "e1000"), ("sata", "e1000e")] : [("nvme", "e1000")]),
    // Knows virtio only, dracut, the root on a logical volume, GPT.
    Row(image: "guest-lvm.raw", others: [("pvscsi", "e1000")]),
    Row(
      image: "guest-uefi.raw", firmware: .uefi,
      others: isWhole ? [("nvme", "virtio-net"), ("sata", "e1000e")] : [("sata", "e1000e")], address: "10.0.2.77/24"),
  ]
  static let early = ["virtio_pci", "virtio_blk", "vmw_pvscsi", "nvme", "ahci", "sd_mod"]
  /// Of these, what a disk on a bus can be served by.
  static let served = [
    "virtio-blk": ["virtio_pci", "virtio_blk"], "nvme": ["nvme"], "pvscsi": ["vmw_pvscsi", "sd_mod"],
    "sata": ["ahci", "sd_mod"],
  ]
  static let needs = [
    DriverNeed(when: .init(family: "linux"), need: early, initramfs: true),
    DriverNeed(
      when: .init(family: "linux"), need: ["virtio_net", "vmxnet3", "e1000", "e1000e"],
      nics: ["virtio-net", "vmxnet3", "e1000", "e1000e"]),
  ]

  private func boot(
    _ disk: GuestDisk, _ hardware: BootHardware, _ folder: TemporaryFolder
  ) async throws -> (BootProof, String) {
    try await Lab.boot(disk, on: hardware, needs: Self.needs, in: folder)
  }

  @Test("as it is it finds no root disk, prepared it starts with its network as it was configured", arguments: rows)
  func matrix(row: Row) async throws {
    let folder = try TemporaryFolder()
    let guest = try Lab.disk(row.image)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (bus, nic) in row.others {
        group.addTask {
          let (proof, _) = try await boot(guest, row.hardware(bus, nic), folder)
          // dracut says no more than that it stops.
          let endings: [BootProof.Ending] = [.noRootDisk, .emergencyMode]
          #expect(proof.verdict == .failed && endings.contains(proof.ending), "\(bus): \(proof.summary)")
        }
      }
      let overlay = try folder.overlay(of: row.image)
      let linux = LinuxWish(nics: [NetworkWish(index: 0, oldMAC: "00:50:56:aa:bb:cc", newMAC: Self.mac)])
      let report = try await GuestPreparer().prepare([overlay], needs: Self.needs, linux: linux) { _ in }
      #expect(report.prepared && report.changed)
      #expect(report.kernels.map(\.inInitramfs) == [Self.early])
      #expect(report.changes.contains { $0.path == "/etc/systemd/network/05-ascend-ens192.link" })
      for (bus, nic) in row.others {
        group.addTask { try await starts(overlay, row, bus, nic, folder) }
      }
      try await group.waitForAll()
    }
  }

  private func starts(
    _ overlay: GuestDisk, _ row: Row, _ bus: String, _ nic: String, _ folder: TemporaryFolder
  ) async throws {
    let (proof, serial) = try await boot(overlay, row.hardware(bus, nic), folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(bus): \(proof.summary)")
    #expect(proof.disks.first?.drivers == Self.served[bus])
    #expect(proof.nics.first?.drivers == [nic.replacing("-", with: "_")])
    #expect(proof.disks.first.map { $0.bytesWritten > 0 } == true)
    // On any card the address is the one that its configuration gives it, or asks the network for.
    let beacon = serial.split(whereSeparator: \.isNewline).last { $0.contains("ASCEND-BEACON") } ?? ""
    #expect(beacon.contains("addr=ens192:\(row.address)"), "\(bus): \(beacon)")
    #expect(beacon.contains("firmware=\(row.firmware.rawValue)"))
  }

  @Test("as it is it starts on its own hardware", .enabled(if: isWhole, "part of `make test-matrix`"))
  func own() async throws {
    let folder = try TemporaryFolder()
    let row = Self.rows[0]
    let (proof, _) = try await boot(Lab.disk(row.image), row.hardware("pvscsi", "vmxnet3"), folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.summary)")
    #expect(proof.disks.first.map { $0.bytesWritten > 0 } == true)
  }

  /// Makes a Debian's initramfs what mkinitcpio makes, and its modules what other distributions have: in there all in one
  /// folder, decompressed, with no index as text; in the guest compressed.
  private static let flatten = """
    set -e
    version=$(ls /lib/modules)
    work=/var/tmp/flat
    mkdir $work
    unmkinitramfs /boot/initrd.img-$version $work
    root=$work
    if [ -d $work/main ]; then root=$work/main; fi
    modules=$root/lib/modules/$version
    mkdir $modules/flat
    find $modules/kernel -name '*.ko' -exec mv -t $modules/flat {} +
    rm -r $modules/kernel
    mv $modules/flat $modules/kernel
    depmod -b $root $version
    rm -f $modules/modules.dep $modules/modules.alias $modules/modules.softdep $modules/modules.order
    (cd $root && find . | cpio -o -H newc --quiet) | zstd -1 -q -f -o /boot/initrd.img-$version
    rm -r $work
    find /lib/modules/$version/kernel -name '*.ko' -exec zstd -1 -q --rm {} +
    depmod $version
    find /lib/modules/$version/kernel -name 'ext4.ko*'
    """

  @Test(
    "where the initramfs keeps its modules elsewhere than the guest, it starts on its own hardware still, and on another",
    .enabled(if: isWhole, "part of `make test-matrix`"))
  func flatInitramfs() async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: "guest.raw")
    let compressed = try await Appliance.with([overlay], options: .init(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      try guest.mount("/dev/sda1", at: "/", readOnly: false)
      let programs = GuestPrograms(guest: guest, architecture: "x86_64")
      return try programs.shell(Self.flatten, about: "the initramfs", seconds: 600)
    }
    #expect(compressed.hasSuffix("/kernel/fs/ext4/ext4.ko.zst\n"), "\(compressed)")
    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs) { _ in }
    #expect(report.prepared && report.kernels.map(\.inInitramfs) == [Self.early])
    #expect(report.kernels.first?.added.contains("virtio_blk") == true)
    #expect(report.kernels.first?.added.contains("vmw_pvscsi") == false)
    let row = Self.rows[0]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (bus, nic) in [("pvscsi", "e1000"), ("nvme", "e1000")] {
        group.addTask {
          let (proof, _) = try await boot(overlay, row.hardware(bus, nic), folder)
          #expect(proof.verdict == .proven && proof.ending == .login, "\(bus): \(proof.summary)")
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("an unsigned loader does not start with Secure Boot", .enabled(if: isWhole, "part of `make test-matrix`"))
  func secureBoot() async throws {
    guard BootFirmware.find(secureBoot: true) != nil else { return }
    let folder = try TemporaryFolder()
    let row = Row(image: "guest-uefi.raw", firmware: .uefi, others: [])
    let (proof, _) = try await boot(Lab.disk(row.image), row.hardware("nvme", "e1000", secure: true), folder)
    #expect(proof.verdict == .failed && proof.ending == .bootLoader, "\(proof.summary)")
  }
}
