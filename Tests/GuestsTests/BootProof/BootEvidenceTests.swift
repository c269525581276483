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

  @Test("drivers are named only where the guest was seen to use the device")
  func drivers() {
    let needs = [
      DriverNeed(when: .init(family: "linux"), need: ["virtio_blk"], initramfs: true),
      DriverNeed(when: .init(family: "linux"), need: ["virtio_net"], nics: ["virtio-net"]),
      DriverNeed(when: .init(family: "linux"), need: ["e1000"], nics: ["e1000"]),
    ]
    let hardware = BootHardware(
      firmware: .bios, buses: ["virtio-blk", "virtio-blk"], nics: [.init(model: "virtio-net"), .init(model: "e1000")])
    let evidence = BootEvidence(hardware: hardware, needs: needs)
    let disks = evidence.disks([0: (read: 10, written: 5), 1: (read: 7, written: 0)])
    #expect(disks.map(\.drivers) == [["virtio_blk"], []])
    let data = capture([packet(from: guest, kind: [0x08, 0x00], address: [1, 2, 3, 4])])
    let nics = evidence.nics { $0 == 0 ? data : Data() }
    #expect(nics.map(\.drivers) == [["virtio_net"], []])
    #expect(nics.map(\.packetsSent) == [1, 0])
  }
}
