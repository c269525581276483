import ConnectorProtocol
import Foundation
import Support
import Synchronization
import Testing

@testable import Guests

@Suite("Preparing real guests", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot), .serialized)
struct PrepareLabTests {
  static let early = ["virtio_pci", "virtio_blk", "virtio_scsi", "ahci", "nvme"]
  static let needs = [
    DriverNeed(when: .init(family: "linux"), need: early, initramfs: true),
    DriverNeed(when: .init(family: "linux"), need: ["virtio_net"]),
    DriverNeed(when: .init(family: "windows"), need: ["viostor"], initramfs: true),
  ]

  @Test("drivers reach the initramfs, the backup stays as it was, and a second run changes nothing")
  func driversAndIdempotence() async throws {
    let folder = try TemporaryFolder()
    let backup = try Lab.image("guest.raw")
    let before = try Lab.run("sha256sum", [backup])
    let overlay = try folder.overlay(of: "guest.raw")
    let steps = Mutex<[String]>([])

    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs) { step in
      steps.withLock { $0.append(step) }
    }
    #expect(report.prepared)
    #expect(report.reason == nil)
    #expect(report.warnings == [])
    #expect(steps.withLock { $0.count } >= 4)
    let kernel = try #require(report.kernels.first)
    #expect(report.kernels.count == 1)
    #expect(kernel.inInitramfs == Self.early)
    #expect(kernel.added.contains("virtio_blk") && kernel.added.contains("nvme_core"))
    #expect(!kernel.added.contains("vmw_pvscsi"))
    #expect(kernel.original == "\(kernel.initramfs).pre-restore")
    #expect(report.changes.map(\.path) == ["/etc/initramfs-tools/modules"])

    let first = try Lab.run("qemu-img", ["map", "--output=json", "-f", "qcow2", overlay.path])
    let again = try await GuestPreparer().prepare([overlay], needs: Self.needs) { _ in }
    #expect(again.prepared && !again.changed)
    #expect(again.reason != nil)
    #expect(again.kernels.first?.inInitramfs == Self.early)
    #expect(again.kernels.first?.addedBytes == 0)
    #expect(!first.isEmpty)
    #expect(try Lab.run("sha256sum", [backup]) == before)

    // For a look at the result, or a boot of it.
    if let keep = ProcessInfo.processInfo.environment["ASCEND_TEST_KEEP"] {
      try FileManager.default.copyItem(atPath: overlay.path, toPath: "\(keep)/prepared.qcow2")
    }
  }

  /// What is made anew by the guest's own tool, and how it is called for that.
  struct Rebuild: Sendable, CustomTestStringConvertible {
    var image: String
    var command: @Sendable (_ kernel: String, _ file: String) -> String
    /// What it had no driver for.
    var bus: String
    var testDescription: String { image }
  }

  static let rebuilds = [
    Rebuild(image: "guest.raw", command: { kernel, _ in "update-initramfs -c -k '\(kernel)'" }, bus: "virtio-blk"),
    Rebuild(
      image: "guest-lvm.raw",
      command: { "dracut --force --no-hostonly --add-drivers '\(early.joined(separator: " "))' '\($1)' '\($0)'" },
      bus: "nvme"),
  ]

  @Test(
    "the guest's own tool makes the initramfs where that is wanted, and once; the guest starts with it",
    .enabled(if: BootMatrixGuestTests.isWhole, "part of `make test-matrix`"), arguments: rebuilds)
  func rebuilt(rebuild: Rebuild) async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: rebuild.image)
    let linux = LinuxWish(initramfs: .rebuild)
    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs, linux: linux) { print($0) }
    let kernel = try #require(report.kernels.first)
    #expect(report.prepared && report.warnings == [])
    #expect(kernel.rebuiltBy == rebuild.command(kernel.version, kernel.initramfs))
    #expect(kernel.inInitramfs == Self.early && kernel.original == "\(kernel.initramfs).pre-restore")
    // The guest's tool has left nothing to append.
    #expect(kernel.added == [] && kernel.addedBytes == 0)
    let again = try await GuestPreparer().prepare([overlay], needs: Self.needs, linux: linux) { _ in }
    #expect(again.prepared && !again.changed && again.kernels.first?.rebuiltBy == nil)
    let (proof, _) = try await Lab.boot(overlay, on: Lab.hardware(rebuild.bus), needs: Self.needs, in: folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.summary)")
  }

  @Test("device names become UUIDs in fstab and the boot loader")
  func deviceNames() async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: "guest-dev.raw")
    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs) { _ in }
    #expect(report.prepared)
    let paths = Set(report.changes.map(\.path))
    #expect(paths.isSuperset(of: ["/etc/fstab", "/boot/grub/grub.cfg"]))
    for change in report.changes where change.path == "/etc/fstab" {
      #expect(change.before?.hasPrefix("/dev/") == true)
      #expect(change.after?.hasPrefix("UUID=") == true)
    }
    #expect(report.changes.contains { $0.path == "/boot/grub/grub.cfg" && $0.after?.contains("root=UUID=") == true })
    if let keep = ProcessInfo.processInfo.environment["ASCEND_TEST_KEEP"] {
      try FileManager.default.copyItem(atPath: overlay.path, toPath: "\(keep)/prepared-dev.qcow2")
    }
  }

  @Test("a driver that the kernel does not have is named with its kernel, and nothing is written")
  func missingDriver() async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: "guest.raw")
    let need = DriverNeed(when: .init(family: "linux"), need: ["no_such_driver"], initramfs: true)
    let error = await #expect(throws: AscendError.self) {
      try await GuestPreparer().prepare([overlay], needs: [need]) { _ in }
    }
    #expect(error?.code == "guest.moduleMissing")
    #expect(error?.message.contains("no_such_driver") == true)
    #expect(error?.message.contains("-amd64") == true)
    #expect(error?.remedy != nil)
  }
}
