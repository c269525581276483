import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

/// A guest that knows only its old platform's hardware, booted before and after its preparation for others.
@Suite("Guests on other hardware", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot), .serialized)
struct BootMatrixGuestTests {
  private static let early = ["virtio_pci", "virtio_blk", "ahci", "nvme"]
  private static let needs = [
    DriverNeed(when: .init(family: "linux"), need: early, initramfs: true),
    DriverNeed(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]),
  ]
  /// For what is busy with other machines too.
  private static let limits = BootLimits(total: .seconds(900), still: .seconds(300))

  private func hardware(_ bus: String, _ nic: String, _ firmware: FirmwareType, secure: Bool = false) -> BootHardware {
    BootHardware(
      firmware: firmware, secureBoot: secure, cpuCount: 1, memoryBytes: 768 << 20, buses: [bus],
      nics: [.init(model: nic, mac: "52:54:00:12:34:56")])
  }

  private func boot(_ disk: GuestDisk, _ hardware: BootHardware, _ folder: TemporaryFolder) async throws -> BootProof {
    let proof = try await BootProver().prove(
      [GuestDisk(path: disk.path, format: disk.format)], on: hardware, needs: Self.needs,
      evidence: folder.url.appendingPathComponent("evidence-\(UUID().uuidString)").path, limits: Self.limits
    ) { _ in }
    print("boot proof on \(hardware.description): \(proof.summary) (\(Int(proof.seconds)) s)")
    return proof
  }

  @Test("BIOS: as it is it starts on its own hardware only, prepared on each other")
  func bios() async throws {
    let folder = try TemporaryFolder()
    let guest = try Lab.disk("guest.raw")
    let own = try await boot(guest, hardware("pvscsi", "vmxnet3", .bios), folder)
    #expect(own.verdict == .proven && own.ending == .login, "\(own.reason)")
    #expect(own.disks.first?.bytesWritten ?? 0 > 0)
    let other = try await boot(guest, hardware("virtio-blk", "virtio-net", .bios), folder)
    #expect(other.verdict == .failed && other.ending == .noRootDisk, "\(other.reason)")

    let overlay = try folder.overlay(of: "guest.raw")
    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs) { _ in }
    #expect(report.prepared)
    for (bus, nic) in [("virtio-blk", "virtio-net"), ("nvme", "e1000"), ("sata", "e1000e")] {
      let proof = try await boot(overlay, hardware(bus, nic, .bios), folder)
      #expect(proof.verdict == .proven && proof.ending == .login, "\(bus): \(proof.reason)")
      #expect(proof.disks.first?.drivers == Self.early)
      #expect(proof.disks.first?.bytesWritten ?? 0 > 0)
    }
  }

  @Test("UEFI: prepared it starts, and an unsigned loader not with Secure Boot")
  func uefi() async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: "guest-uefi.raw")
    #expect(try await GuestPreparer().prepare([overlay], needs: Self.needs) { _ in }.prepared)
    let proof = try await boot(overlay, hardware("nvme", "e1000", .uefi), folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.reason)")
    guard BootFirmware.find(secureBoot: true) != nil else { return }
    let refused = try await boot(overlay, hardware("nvme", "e1000", .uefi, secure: true), folder)
    #expect(refused.verdict == .failed && refused.ending == .bootLoader, "\(refused.reason)")
  }
}
