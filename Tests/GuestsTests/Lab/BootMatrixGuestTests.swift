import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

/// Real guests on hardware that their initramfs has no driver for: as they are they do not start, prepared they do.
@Suite("Boots on other hardware", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot))
struct BootMatrixGuestTests {
  /// A guest, and hardware other than that which it was made for.
  struct Row: Sendable, CustomTestStringConvertible {
    var image: String
    var firmware: FirmwareType
    var bus: String
    var nic: String

    var testDescription: String { "\(image) with \(firmware.rawValue) on \(bus) and \(nic)" }
    var hardware: BootHardware {
      BootHardware(
        firmware: firmware, memoryBytes: 768 << 20, buses: [bus], nics: [.init(model: nic, mac: "52:54:00:12:34:56")])
    }
  }

  /// Their initramfs has the drivers of one platform: pvscsi, or virtio for the one on logical volumes.
  static let rows = [
    Row(image: "guest.raw", firmware: .bios, bus: "virtio-blk", nic: "virtio-net-pci"),
    Row(image: "guest.raw", firmware: .bios, bus: "nvme", nic: "e1000"),
    Row(image: "guest.raw", firmware: .bios, bus: "sata", nic: "e1000e"),
    Row(image: "guest-lvm.raw", firmware: .bios, bus: "pvscsi", nic: "vmxnet3"),
    Row(image: "guest-uefi.raw", firmware: .uefi, bus: "nvme", nic: "virtio-net-pci"),
  ]

  static let needs = [
    DriverNeed(
      when: .init(family: "linux"), need: ["virtio_pci", "virtio_blk", "vmw_pvscsi", "nvme", "ahci", "sd_mod"],
      initramfs: true),
    DriverNeed(when: .init(family: "linux"), need: ["virtio_net", "vmxnet3", "e1000", "e1000e"], nics: ["any"]),
  ]
  /// Machines at once: with more of them than processors each only takes longer.
  private static let gate = ApplianceGate(limit: 3)
  /// Emulated, and beside others.
  private static let limits = BootLimits(total: .seconds(900), still: .seconds(300))

  private func boot(_ disk: GuestDisk, _ row: Row, _ folder: TemporaryFolder) async throws -> (BootProof, String) {
    let evidence = folder.url.appendingPathComponent(UUID().uuidString).path
    try #require(await Self.gate.enter())
    defer { Self.gate.leave() }
    let proof = try await BootProver().prove(
      [disk], on: row.hardware, needs: Self.needs, evidence: evidence, limits: Self.limits
    ) { _ in }
    let serial = proof.serialLog.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
    return (proof, String(decoding: serial, as: UTF8.self))
  }

  @Test("unprepared it fails, prepared it boots with its network as it was configured", arguments: rows)
  func matrix(row: Row) async throws {
    let folder = try TemporaryFolder()
    async let unprepared = boot(try Lab.disk(row.image), row, folder)

    let overlay = try folder.overlay(of: row.image)
    let linux = LinuxWish(nics: [NetworkWish(index: 0, oldMAC: "00:50:56:aa:bb:cc", newMAC: "52:54:00:12:34:56")])
    let report = try await GuestPreparer().prepare([overlay], needs: Self.needs, linux: linux) { _ in }
    #expect(report.prepared && report.changed)
    #expect(report.changes.contains { $0.path == "/etc/systemd/network/05-ascend-ens192.link" })
    let (proof, serial) = try await boot(GuestDisk(path: overlay.path, format: "qcow2"), row, folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.summary)")
    #expect(proof.disks.first.map { $0.bytesWritten > 0 } == true)
    let beacon = serial.split(whereSeparator: \.isNewline).last { $0.contains("ASCEND-BEACON") } ?? ""
    #expect(beacon.contains("nic=ens192:"), "\(beacon)")
    // On any card the address is the one that its configuration gives it, or asks the network for.
    let address = row.image == "guest-uefi.raw" ? "addr=ens192:10.0.2.77/24" : "addr=ens192:10.0.2.15/24"
    #expect(beacon.contains(address), "\(beacon)")
    #expect(beacon.contains("firmware=\(row.firmware.rawValue)"))

    let (failure, _) = try await unprepared
    #expect(failure.verdict == .failed && failure.ending == .noRootDisk, "\(failure.summary)")
  }
}
