import ConnectorProtocol
import Foundation
import Testing

@testable import Guests

@Suite("What a boot leaves to be seen")
struct BootEvidenceTests {
  private func capture(_ frames: [[UInt8]]) -> Data {
    var bytes: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1] + [UInt8](repeating: 0, count: 20)
    for frame in frames {
      let length = (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (8 * $0)) }
      bytes += [UInt8](repeating: 0, count: 8) + length + length + frame
    }
    return Data(bytes)
  }

  private func packet(from source: [UInt8], kind: [UInt8], address: [UInt8]) -> [UInt8] {
    let padding = kind == [0x08, 0x06] ? 14 : 12
    return [UInt8](repeating: 0xff, count: 6) + source + kind + [UInt8](repeating: 0, count: padding) + address + [
      1, 2,
    ]
  }

  private let guest: [UInt8] = [0x00, 0x50, 0x56, 1, 2, 3]
  private let network: [UInt8] = [0x52, 0x55, 10, 0, 2, 2]

  @Test("the guest's packets are counted, and its first address is found")
  func packets() {
    let data = capture([
      packet(from: network, kind: [0x08, 0x00], address: [10, 0, 2, 2]),
      packet(from: guest, kind: [0x08, 0x00], address: [0, 0, 0, 0]),
      packet(from: guest, kind: [0x08, 0x06], address: [10, 0, 2, 15]),
      packet(from: guest, kind: [0x08, 0x00], address: [10, 0, 2, 99]),
    ])
    for mac in ["00:50:56:01:02:03", nil] {
      let found = PacketCapture(data, mac: mac)
      #expect(found.sent == 3)
      #expect(found.address == "10.0.2.15")
    }
    #expect(PacketCapture(data, mac: "00:50:56:01:02:04").sent == 0)
  }

  @Test("a capture that ends early, or lies about its sizes, is read as far as it goes")
  func hostileCapture() {
    let data = capture([packet(from: guest, kind: [0x08, 0x00], address: [1, 2, 3, 4])])
    for length in 0..<data.count { _ = PacketCapture(data.prefix(length), mac: nil) }
    var lying = data
    lying.replaceSubrange(32..<36, with: [0xff, 0xff, 0xff, 0xff])
    #expect(PacketCapture(lying, mac: nil).sent == 0)
  }

  private func picture(_ width: Int, _ height: Int, _ colour: [UInt8]) -> Data {
    Data("P6\n\(width) \(height)\n255\n".utf8) + Data((0..<(width * height)).flatMap { _ in colour })
  }

  @Test("pictures are told from each other by what they show")
  func digests() throws {
    let grey = try #require(ScreenPicture(picture(64, 48, [120, 120, 120])))
    #expect(grey.width == 64 && grey.height == 48)
    #expect(grey.digest == ScreenPicture(picture(64, 48, [120, 120, 120]))?.digest)
    #expect(grey.digest != ScreenPicture(picture(64, 48, [120, 121, 120]))?.digest)
  }

  @Test(
    "what is no whole picture is none",
    arguments: [
      "", "P6", "P5\n1 1\n255\n123", "P6\n9 9\n255\n1", "P6\n99999999999999999999 1\n255\nabc",
      "P6\n0 0\n255\n               ",
      "P6\n4611686018427387904 4\n255\nabcabcabc",
    ])
  func noPicture(text: String) {
    #expect(ScreenPicture(Data(text.utf8)) == nil)
  }

  private func evidence(
    _ hardware: BootHardware, _ needs: [DriverNeed], saying log: String = ""
  ) throws -> BootEvidence {
    BootEvidence(
      hardware: hardware, table: try DeviceTable.bundled(), needs: needs, words: KernelWords(Data(log.utf8)))
  }

  private let much = (read: Int64(1 << 20), written: Int64(1 << 20))

  @Test("drivers are expected only where the guest was seen to use the device")
  func drivers() throws {
    let needs = [
      DriverNeed(when: .init(family: "linux"), need: ["virtio_blk"], initramfs: true),
      DriverNeed(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]),
      DriverNeed(when: .init(family: "linux"), need: ["e1000"], nics: ["e1000"]),
    ]
    let hardware = BootHardware(
      firmware: .bios, buses: ["virtio-blk", "virtio-blk", "virtio-blk"],
      nics: [.init(model: "virtio-net"), .init(model: "e1000")])
    let evidence = try evidence(hardware, needs)
    // The second was only read, on the third a boot loader wrote its environment.
    let disks = evidence.disks([0: much, 1: (read: 7, written: 0), 2: (read: 7, written: 1024)])
    #expect(disks.map(\.drivers) == [["virtio_blk"], [], []])
    #expect(disks.allSatisfy { $0.driversSeen == [] })
    let data = capture([packet(from: guest, kind: [0x08, 0x00], address: [1, 2, 3, 4])])
    let nics = evidence.nics { $0 == 0 ? data : Data() }
    #expect(nics.map(\.drivers) == [["virtio_net"], []])
    #expect(nics.map(\.packetsSent) == [1, 0])
  }

  @Test("of a plan's needs, each disk gets those of its own controller")
  func byController() throws {
    let linux = DriverNeed.Condition(family: "linux")
    let needs = [
      DriverNeed(when: linux, need: ["ahci", "sd_mod"], initramfs: true, controllers: ["sata"]),
      // The machine can be moved to it later: nothing of it was tried.
      DriverNeed(when: linux, need: ["virtio_pci", "virtio_blk"], initramfs: true, controllers: ["virtio-blk"]),
      DriverNeed(when: linux, need: ["nvme"], initramfs: true, controllers: ["nvme"]),
    ]
    let disks = try evidence(BootHardware(firmware: .bios, buses: ["nvme", "sata"]), needs).disks([0: much, 1: much])
    #expect(disks.map(\.drivers) == [["nvme"], ["ahci", "sd_mod"]])
  }

  @Test("of a need for any controller or interface, each device gets what can serve it")
  func ofAnyController() throws {
    let linux = DriverNeed.Condition(family: "linux")
    let needs = [
      DriverNeed(
        when: linux, need: ["virtio-pci", "virtio-blk", "vmw_pvscsi", "nvme", "ahci", "sd_mod"], initramfs: true),
      DriverNeed(when: linux, need: ["virtio_net", "e1000", "e1000e"], nics: ["virtio-net", "e1000", "e1000e"]),
    ]
    for (bus, drivers) in [
      ("nvme", ["nvme"]), ("pvscsi", ["vmw_pvscsi", "sd_mod"]), ("sata", ["ahci", "sd_mod"]),
      ("virtio-blk", ["virtio-pci", "virtio-blk"]),
    ] {
      let hardware = BootHardware(firmware: .bios, buses: [bus], nics: [.init(model: "e1000")])
      let evidence = try evidence(hardware, needs)
      #expect(evidence.disks([0: much]).map(\.drivers) == [drivers])
      let sent = capture([packet(from: guest, kind: [0x08, 0x00], address: [1, 2, 3, 4])])
      #expect(evidence.nics { _ in sent }.map(\.drivers) == [["e1000"]])
    }
  }

  @Test("what a boot manager of Windows writes is no driver's work")
  func bootManager() throws {
    let needs = [
      DriverNeed(when: .init(family: "windows"), need: ["storahci"], initramfs: true, controllers: ["sata"])
    ]
    let evidence = try evidence(BootHardware(firmware: .bios, buses: ["sata"]), needs)
    #expect(evidence.disks([0: (read: 1 << 24, written: 72 << 10)]).map(\.drivers) == [[]])
    #expect(evidence.disks([0: much]).map(\.drivers) == [["storahci"]])
  }

  @Test("what the kernel names itself is told from what is expected")
  func seen() throws {
    let needs = [DriverNeed(when: .init(family: "linux"), need: ["ahci", "sd_mod"], initramfs: true)]
    let hardware = BootHardware(
      firmware: .bios, buses: ["nvme", "sata", "sata"], nics: [.init(model: "e1000"), .init(model: "vmxnet3")])
    let evidence = try evidence(hardware, needs, saying: KernelWordsTests.said)
    // It found one disk on SATA where there are two: the one that it wrote to.
    let disks = evidence.disks([1: (read: 1, written: 0), 2: much])
    #expect(disks.map(\.driversSeen) == [["nvme"], [], ["ahci", "sd_mod"]])
    #expect(disks.map(\.drivers) == [["nvme"], [], ["ahci", "sd_mod"]])
    let nics = evidence.nics { _ in Data() }
    #expect(nics.map(\.driversSeen) == [["e1000"], ["vmxnet3"]])
  }
}
