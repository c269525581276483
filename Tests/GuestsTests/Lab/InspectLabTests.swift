import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

@Suite("Inspecting real guests", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot), .serialized)
struct InspectLabTests {
  @Test("a Debian guest with a crippled initramfs")
  func debian() async throws {
    let inspection = try await GuestInspector().inspect(
      [try Lab.disk("guest.raw")], drivers: ["vmw_pvscsi", "virtio_blk", "virtio-scsi", "no_such_driver"])
    let facts = inspection.facts
    #expect(facts.understood)
    #expect(facts.family == "linux")
    #expect(facts.distribution == "debian")
    #expect(facts.version?.hasPrefix("12.") == true)
    #expect(facts.productName?.contains("Debian") == true)
    #expect(facts.architecture == "x86_64")
    #expect(facts.firmware == .bios)
    #expect(facts.bootDisk == 0)
    #expect(inspection.possibleFirmware == [.bios])
    let kernel = try #require(inspection.kernels.first)
    #expect(facts.kernels.map(\.version) == [kernel.version])
    #expect(facts.kernels.first?.drivers == ["vmw_pvscsi"])
    #expect(kernel.initramfs == "/boot/initrd.img-\(kernel.version)")
    #expect(kernel.unreadable == nil)
    #expect(kernel.installed == ["vmw_pvscsi", "virtio_blk", "virtio-scsi"])
    #expect(facts.kernels.first?.modules == ["vmw_pvscsi", "virtio_blk", "virtio-scsi"])
    #expect(facts.kernels.first?.image == kernel.image)
    #expect(facts.bootLoader == "grub2" && facts.initramfsTool == "initramfs-tools")
    #expect(facts.partitionTable == "mbr" && facts.possibleFirmware == [.bios] && facts.systemCount == 1)
    #expect(facts.encryption == [] && facts.volumeManagers == [] && facts.hibernated == false)
    #expect(facts.unreadable == nil && facts.agents == [])
    #expect(facts.freeBytes?["/"] ?? 0 > 16 << 20 && facts.freeInodes?["/"] ?? 0 > 1000)
    #expect(facts.interfaces?.contains { $0.source == "ifupdown" && $0.method == "dhcp" } == true)
  }

  @Test("the disk that starts is found among several, with its firmware")
  func uefiBehindADataDisk() async throws {
    let folder = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("data.raw")
    try Data(count: 8 << 20).write(to: data)
    let inspection = try await GuestInspector().inspect(
      [GuestDisk(path: data.path, format: "raw"), try Lab.disk("guest-uefi.raw")], drivers: [])
    #expect(inspection.facts.understood)
    #expect(inspection.facts.firmware == .uefi)
    #expect(inspection.facts.bootDisk == 1)
    #expect(inspection.facts.partitionTable == "gpt")
    let interface = inspection.facts.interfaces?.first { $0.method == "static" }
    #expect(interface?.addresses == ["10.0.2.77/24"])
  }

  @Test("two systems on one machine are reported, not guessed at")
  func severalRoots() async throws {
    let inspection = try await GuestInspector().inspect(
      [try Lab.disk("guest.raw"), try Lab.disk("guest-uefi.raw")], drivers: ["virtio_blk"])
    #expect(!inspection.facts.understood)
    #expect(inspection.facts.reason?.hasPrefix("2 operating systems") == true)
    #expect(Set(inspection.possibleFirmware) == [.uefi, .bios])
    #expect(inspection.facts.systemCount == 2 && inspection.facts.systems?.count == 2)
  }

  private func encryptedDisk(in folder: TemporaryFolder) throws -> String {
    let url = folder.url.appendingPathComponent("luks.raw")
    try EncryptedImage.make(at: url)
    return url.path
  }

  @Test("an encrypted disk is refused with its reason")
  func encrypted() async throws {
    let folder = try TemporaryFolder()
    let path = try encryptedDisk(in: folder)
    let inspection = try await GuestInspector().inspect([GuestDisk(path: path, format: "raw")], drivers: [])
    #expect(!inspection.facts.understood)
    #expect(inspection.facts.reason?.contains("LUKS") == true)
    #expect(inspection.facts.firmware == nil)
    #expect(inspection.facts.encryption == ["luks"])
    #expect(
      inspection.facts.lockedVolumes == [.init(device: "/dev/sda", type: "luks", uuid: EncryptedImage.uuid)])
  }

  @Test("a guest that wrote an image header to its disk gets no file of this computer")
  func hostileHeader() async throws {
    let folder = try TemporaryFolder()
    // What the file holds would be recognised.
    let secret = try encryptedDisk(in: folder)
    let disk = folder.url.appendingPathComponent("disk.raw")
    try Lab.run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw", disk.path])
    let inspection = try await GuestInspector().inspect([GuestDisk(path: disk.path, format: "raw")], drivers: [])
    #expect(!inspection.facts.understood)
    #expect(inspection.facts.reason == "The disks hold no filesystem that can be read here.")
  }
}
