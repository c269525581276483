import ConnectorProtocol
import Foundation
import Testing

@testable import Guests

@Suite("The machine that a boot is tried on")
struct BootMachineTests {
  private let files = BootMachine.Files(folder: "/tmp/a,b")

  private func arguments(_ hardware: BootHardware, disks: Int = 1) throws -> [String] {
    let images = (0..<disks).map { GuestDisk(path: "/images/disk,\($0).qcow2", format: "qcow2") }
    let firmware = BootFirmware(code: "/code.fd", variables: "/vars.fd")
    return BootMachine(hardware: hardware, table: try DeviceTable.bundled(), firmware: firmware)
      .arguments(images, files, accelerated: false)
  }

  private func devices(_ arguments: [String]) -> [String] {
    zip(arguments, arguments.dropFirst()).filter { $0.0 == "-device" }.map(\.1)
  }

  @Test("every controller of the table is known to the QEMU of this computer, or says why it is missing")
  func table() throws {
    let table = try DeviceTable.bundled()
    let known = try Lab.run("qemu-system-x86_64", ["-device", "help"])
    for controller in table.controllers {
      #expect((controller.disk == nil) == (controller.missing != nil), "\(controller.names)")
      for template in [controller.adapter, controller.disk].compactMap({ $0 }) {
        let name = template.split(separator: ",")[0]
        #expect(known.contains("\"\(name)\""), "\(name)")
      }
    }
    for nic in table.nics {
      #expect((nic.device == nil) == (nic.missing != nil))
      if let device = nic.device { #expect(known.contains("\"\(device)\"")) }
    }
    let names = table.controllers.flatMap(\.names)
    #expect(Set(names).count == names.count)
  }

  @Test("disks hang on their controllers in order, and the boot disk is the first to start from")
  func placement() throws {
    let hardware = BootHardware(firmware: .bios, buses: ["pvscsi", "pvscsi", "nvme"], bootDisk: 1)
    let all = try arguments(hardware, disks: 3)
    let devices = devices(all)
    #expect(devices.contains("pvscsi,id=adapter-pvscsi"))
    #expect(devices.contains("scsi-hd,drive=disk0,bus=adapter-pvscsi.0,scsi-id=0,bootindex=1"))
    #expect(devices.contains("scsi-hd,drive=disk1,bus=adapter-pvscsi.0,scsi-id=1,bootindex=0"))
    #expect(devices.contains("nvme,drive=disk2,serial=ascend-0,bootindex=3"))
    let drives = zip(all, all.dropFirst()).filter { $0.0 == "-drive" }.map(\.1)
    #expect(drives.count == 3)
    for drive in drives { #expect(drive.contains("snapshot=on") && drive.contains("format=qcow2")) }
    #expect(drives[0].hasSuffix("file=/images/disk,,0.qcow2"))
  }

  @Test("the network reaches nobody, and keeps the address that the guest knows")
  func network() throws {
    let nic = BootHardware.NIC(model: "vmxnet3", mac: "00-50-56-AB-CD-EF")
    let odd = BootHardware.NIC(model: "e1000", mac: "01:00:5e:00:00:01,netdev=other")
    let all = try arguments(BootHardware(firmware: .bios, buses: ["sata"], nics: [nic, odd]))
    #expect(all.contains("user,id=net0,restrict=on,ipv6=off"))
    #expect(devices(all).contains("vmxnet3,netdev=net0,romfile=,mac=00:50:56:ab:cd:ef"))
    #expect(devices(all).contains("e1000,netdev=net1,romfile="))
  }

  @Test("firmware with Secure Boot needs the protected mainboard")
  func secureBoot() throws {
    let plain = try arguments(BootHardware(firmware: .uefi, buses: ["nvme"]))
    #expect(plain.contains { $0.hasPrefix("if=pflash,unit=1") && $0.hasSuffix("/tmp/a,,b/variables.fd") })
    #expect(!plain.contains { $0.contains("smm=on") })
    let secure = try arguments(BootHardware(firmware: .uefi, secureBoot: true, buses: ["nvme"]))
    #expect(secure.contains { $0.hasSuffix("smm=on") })
    #expect(secure.contains("driver=cfi.pflash01,property=secure,value=on"))
  }

  @Test(
    "what QEMU cannot present is not provable, with its reason",
    arguments: [
      (BootHardware(firmware: .bios, buses: ["vmbus"]), "vmbus"),
      (BootHardware(firmware: .bios, buses: ["sata", "xen"]), "xen"),
      (BootHardware(firmware: .bios, buses: ["warp-drive"]), "warp-drive"),
      (BootHardware(firmware: .bios, arch: "aarch64", buses: ["nvme"]), "aarch64"),
      (BootHardware(firmware: .uefi, buses: ["ide"]), "BIOS"),
      (BootHardware(firmware: .bios, buses: Array(repeating: "ide", count: 5)), "4 places"),
      (BootHardware(firmware: .bios, buses: []), "no disk"),
    ])
  func obstacles(hardware: BootHardware, says: String) throws {
    let why = try #require(try BootProver.obstacle(hardware))
    #expect(why.contains(says))
  }

  @Test("an interface that QEMU lacks is left out and named")
  func missingNIC() throws {
    let hardware = BootHardware(firmware: .bios, buses: ["nvme"], nics: [.init(model: "ena"), .init(model: "odd")])
    #expect(try BootProver.obstacle(hardware) == nil)
    #expect(BootMachine.missingNICs(hardware, try DeviceTable.bundled()).count == 2)
    #expect(!(try arguments(hardware)).contains { $0.hasPrefix("user,id=net") })
  }
}
