import ConnectorProtocol
import Foundation
import Guests
import Testing

@testable import Restore

/// A boot proof in a report, and what it is told of the target.
@Suite struct BootProofTests {
  private func proof(_ devices: String) throws -> BootProof {
    let json = """
      {"verdict": "proven", "ending": "login", "reason": "up after 24 s: lab login:", "seconds": 24, "notes": [],
       "accelerator": "kvm", "hardware": {"firmware": "bios", "secureBoot": false, "arch": "x86_64", "cpuCount": 1,
       "memoryBytes": 1073741824, "buses": ["sata"], "bootDisk": 0, "nics": [{"model": "e1000"}]}, \(devices)}
      """
    return try JSONDecoder().decode(BootProof.self, from: Data(json.utf8))
  }

  @Test func driversThatWereNamedAreToldFromExpectedOnes() throws {
    let proof = try proof(
      """
      "disks": [{"index": 0, "bus": "sata", "bytesRead": 1000, "bytesWritten": 2000, "drivers": ["ahci", "sd_mod"],
        "driversSeen": ["ahci"]}],
      "nics": [{"model": "e1000", "packetsSent": 3, "drivers": ["e1000"], "driversSeen": []}]
      """)
    let text = proof.text.joined(separator: "\n")
    #expect(text.contains("written through ahci (expected: sd_mod)"))
    #expect(text.contains("3 packets sent (expected: e1000)"))
  }

  /// Jobs keep theirs for as long as they are kept.
  @Test func reportsOfEarlierVersionsAreRead() throws {
    let proof = try proof(
      """
      "disks": [{"index": 0, "bus": "sata", "bytesRead": 1000, "bytesWritten": 2000, "drivers": ["ahci"]}],
      "nics": [{"model": "e1000", "packetsSent": 0, "drivers": []}]
      """)
    #expect(proof.disks[0].driversSeen == nil)
    #expect(proof.text.contains { $0.hasSuffix("written (expected: ahci)") })
    #expect(proof.text.contains("network e1000: 0 packets sent"))
  }

  @Test func needsAreToldByTheBusesOfTheirControllers() {
    let linux = DriverNeed.Condition(family: "linux")
    let document = CapabilityDocument(
      id: "test", displayName: "Test", vendor: "tests", version: "1.0", executable: "connector", connection: [:],
      target: [:], inventory: [], disks: .init(accepts: [], maxCount: 4, bootMaxBytes: 1 << 40),
      boot: [.init(firmware: .bios, arch: "x86_64")],
      controllers: [
        .init(id: "scsi0", bus: "pvscsi", maxDisks: 2, bootable: true),
        .init(id: "scsi1", bus: "pvscsi", maxDisks: 2, bootable: true),
        .init(id: "fast", bus: "nvme", maxDisks: 2, bootable: true),
      ],
      nics: [],
      drivers: [
        DriverNeed(when: linux, need: ["vmw_pvscsi"], initramfs: true, controllers: ["scsi0", "scsi1"]),
        DriverNeed(when: linux, need: ["nvme"], initramfs: true, controllers: ["fast", "unknown"]),
        DriverNeed(when: linux, need: ["sd_mod"], initramfs: true),
      ],
      limits: .init(
        cpuMax: 1, memoryMaxBytes: 1 << 30, memoryStepBytes: 1 << 20, nicMax: 1, nameMax: 20, namePattern: "^.*$",
        tagMax: 0), cleanup: .init(byTag: true, byName: true))
    #expect(document.drivers.onBuses(of: document).map(\.controllers) == [["pvscsi"], ["nvme"], nil])
  }
}
