import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

@Suite(
  "Guests on encrypted disks", .tags(.guest), .enabled(if: SyntheticGuest.canBeMade, SyntheticGuest.whyNot),
  .enabled(if: BootMatrixGuestTests.isWhole, "part of `make test-matrix`"), .serialized)
struct EncryptedLabTests {
  private static let needs = [
    DriverNeed(when: .init(family: "linux"), need: ["virtio_blk", "virtio_scsi"], initramfs: true)
  ]

  private func key(_ text: String, for volume: String? = nil, in folder: TemporaryFolder) throws -> DiskKey {
    let file = folder.url.appendingPathComponent(UUID().uuidString)
    try Data((text + "\n").utf8).write(to: file)
    return try DiskKey(DiskKeyReference(volume: volume, path: file.path), input: nil)
  }

  /// LUKS 2 with the root on LVM inside, and LUKS 1 with a filesystem whose name only crypttab tells, each with a key of
  /// its own.
  @Test("with its keys it is understood and prepared like any other, without them it is not, and a wrong one is named")
  func keys() async throws {
    let folder = try TemporaryFolder()
    let guest = try SyntheticGuest(in: folder, encrypted: .init(root: "root-secret", data: "data-secret"))
    func inspect(_ keys: DiskKey...) async throws -> GuestInspection {
      try await GuestInspector().inspect([guest.disk], drivers: ["virtio_blk"], keys: keys)
    }
    let right = try key("root-secret", in: folder)
    let wrong = try key("not the secret", in: folder)

    let error = await #expect(throws: AscendError.self) { try await inspect(wrong) }
    #expect(error?.code == "guest.wrongKey" && error?.object?.hasPrefix("/dev/sda3, ") == true)
    #expect(error?.description.contains("not the secret") == false)
    let uuid = try #require(error?.object?.split(separator: " ").last.map(String.init))

    let data = try key("data-secret", for: "/dev/sda5", in: folder)
    let script = folder.url.appendingPathComponent("hello")
    try Data("#!/bin/sh\necho hello\n".utf8).write(to: script)
    let report = try await GuestPreparer().prepare(
      [guest.disk], needs: Self.needs, keys: [wrong, right, data], linux: LinuxWish(firstBootScripts: [script.path])
    ) { _ in }
    #expect(report.prepared && report.facts.encryption == ["luks"] && report.facts.lockedVolumes == nil)
    #expect(report.facts.freeBytes?["/data"] != nil && report.facts.volumeManagers == ["lvm"])
    #expect(report.kernels.allSatisfy { $0.inInitramfs.contains("virtio_scsi") || $0.builtIn.contains("virtio_scsi") })
    #expect(report.kernels.count == 2 && report.changed)
    let crypttab = report.changes.filter { $0.path == "/etc/crypttab" }
    #expect(crypttab.contains { $0.after?.contains("UUID=") == true }, "\(report.changes)")

    // Closed and written: what was put in is seen again. The other volume stays locked, and that is no failure.
    let again = try await inspect(try key("root-secret", for: uuid.uppercased(), in: folder))
    #expect(again.facts.understood && again.facts.lockedVolumes?.map(\.device) == ["/dev/sda5"])
    #expect(again.kernels.first { $0.version == SyntheticGuest.newKernel }?.inInitramfs == ["virtio_blk"])
    #expect(again.notes.contains { $0.contains("/dev/sda5") })

    // What it has to do at its first start stands behind the same key.
    #expect(try await FirstStartReader().read([guest.disk], keys: [right])?.pending == ["01-hello"])
    let locked = await #expect(throws: AscendError.self) { try await FirstStartReader().read([guest.disk]) }
    #expect(locked?.code == "guest.unsupported" && locked?.remedy?.contains("key of /dev/sda3") == true)
  }

  @Test(
    "a Windows on BitLocker gets its drivers with either of its keys, and none without",
    .enabled(if: WindowsLab.isThere, WindowsLab.whyNot))
  func bitLocker() async throws {
    let folder = try TemporaryFolder()
    let guest = try BitLockerDisk(of: "2k22", password: "pass word", in: folder)
    let locked = try await GuestInspector().inspect([guest.disk], drivers: [])
    #expect(!locked.facts.understood && locked.facts.encryption == ["bitlocker"])
    #expect(locked.facts.lockedVolumes?.map(\.device) == ["/dev/sda2"])
    let wrong = try key("000000-000000-000000-000000-000000-000000-000000-000000", in: folder)
    let error = await #expect(throws: AscendError.self) {
      try await GuestInspector().inspect([guest.disk], drivers: [], keys: [wrong])
    }
    #expect(error?.code == "guest.wrongKey" && error?.object?.hasPrefix("/dev/sda2") == true)

    let wish = WindowsWish(drivers: try WindowsLab.drivers())
    func prepare(_ text: String) async throws -> PreparationReport {
      let key = try key(text, in: folder)
      return try await GuestPreparer().prepare(
        [guest.disk], needs: WindowsLab.paravirtual, recordedFirmware: .uefi, keys: [key], windows: wish
      ) { _ in }
    }
    let report = try await prepare(guest.recoveryPassword)
    #expect(report.prepared && report.changed && report.facts.productName == "Windows Server 2022 Standard")
    #expect(report.drivers?.first { $0.name == "viostor" }?.controlSets.isEmpty == false)
    // Through the encryption and back: what was written is read again in another appliance, with the other key.
    let again = try await prepare("pass word")
    #expect(again.prepared && again.changes == [])
  }
}
