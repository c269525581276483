import CGuestfs
import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

/// Disks of synthetic Windows machines, made by Lab/make-windows in the folder that ASCEND_LAB names.
enum WindowsLab {
  static var isThere: Bool {
    guard let folder = Lab.folder, ProcessInfo.processInfo.environment["ASCEND_TEST_FAST"] != "1" else { return false }
    return FileManager.default.fileExists(atPath: "\(folder)/windows/2k22/after.system")
  }

  static let whyNot: Comment =
    "needs ASCEND_LAB, a folder with windows/ by Lab/make-windows, and ASCEND_TEST_FAST not set"

  static func path(_ name: String) throws -> String { "\(try #require(Lab.folder))/windows/\(name)" }

  static func drivers() throws -> DriverIndex { try DriverIndex([path("virtio-win")]) }

  /// The lines of a list that was written down with the reference.
  static func reference(_ name: String) throws -> Set<String> {
    Set(try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init))
  }

  /// A hive as text, a line for each key and value, in the form of the reference.
  static func lines(_ hive: URL) throws -> Set<String> {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Lab/windows/make.py").standardizedFileURL.path
    let text = try Lab.run("/usr/bin/python3", ["-B", script, "lines", hive.path])
    return Set(text.split(separator: "\n").map(String.init))
  }

  /// Writable overlays over disks of the lab, `/dev/sda` being the first.
  static func overlays(_ releases: [String], in folder: TemporaryFolder) throws -> [GuestDisk] {
    try releases.map { release in
      let path = folder.url.appendingPathComponent("\(UUID().uuidString).qcow2").path
      let disk = try Self.path("\(release).qcow2")
      try Lab.run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", disk, "-F", "qcow2", path])
      return GuestDisk(path: path, format: "qcow2", readOnly: false)
    }
  }

  /// What QEMU's connector asks of Windows on that controller, as its capability document says it.
  static func qemu(_ controller: String) throws -> [DriverNeed] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Plugins/qemu/connector.json").standardizedFileURL
    let document = try JSONDecoder().decode(CapabilityDocument.self, from: Data(contentsOf: file))
    return document.drivers.filter { need in
      need.controllers.map { $0.contains(controller) } ?? true
        && need.nics.map { $0.contains("virtio-net-pci") } ?? true
    }
  }

  /// What a platform with paravirtual devices and settings of its own asks of Windows, and one that Windows has all
  /// drivers for.
  static let paravirtual = [
    DriverNeed(when: .init(family: "windows"), need: ["viostor"], initramfs: true),
    DriverNeed(
      when: .init(family: "windows"), need: ["netkvm"],
      settings: ["remote-desktop", "clock-utc", "disks-online", "dhcp"],
      installers: ["qemu-ga-{arch}.msi"]),
    DriverNeed(when: .init(family: "linux"), need: ["virtio_blk"], initramfs: true),
  ]
  static let emulated = [
    DriverNeed(when: .init(family: "windows", min: "6.2"), need: ["storahci"], initramfs: true),
    DriverNeed(when: .init(family: "windows", below: "6.2"), need: ["msahci"], initramfs: true),
    DriverNeed(when: .init(family: "windows"), need: ["intelide"], initramfs: true),
    DriverNeed(when: .init(family: "windows", min: "6.3"), need: ["stornvme"], initramfs: true),
    DriverNeed(when: .init(family: "windows"), need: ["storvsc"], initramfs: true),
  ]

  static func preparation(
    _ guest: GuestfsHandle, disk: Int, needs: [DriverNeed], wish: WindowsWish, firmware: FirmwareType = .bios
  ) -> WindowsPreparation {
    let root = "/dev/sd\(Character(UnicodeScalar(UInt8(97 + disk))))2"
    var facts = GuestFacts(understood: true, family: "windows", firmware: firmware)
    facts.interfaces = [
      .init(name: "Ethernet0", method: "static", addresses: ["10.0.0.5/24"], gateway: "10.0.0.1", source: "registry")
    ]
    let inspection = GuestInspection(
      facts: facts, possibleFirmware: [firmware], root: root, mounts: [], packageFormat: nil, kernels: [], notes: [])
    return WindowsPreparation(
      guest: guest, inspection: inspection, needs: needs, wish: wish, progress: { _ in })
  }
}
