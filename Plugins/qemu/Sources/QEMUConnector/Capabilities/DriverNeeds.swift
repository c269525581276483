import ConnectorKit
import ConnectorProtocol

/// What guests need for the hardware that machines have here, by controller and for the network.
enum DriverNeeds: DriverNeedTable {
  typealias Controller = DiskController
  typealias NIC = NICKind

  static let all: [DriverNeed] = linux + windows

  private static let linux: [DriverNeed] = [
    boot("linux", ["virtio_pci", "virtio_blk"], .virtioBlk),
    boot("linux", ["virtio_pci", "virtio_scsi", "sd_mod"], .virtioSCSI),
    boot("linux", ["nvme"], .nvme),
    boot("linux", ["ahci", "sd_mod"], .sata),
    boot("linux", ["ata_piix", "sd_mod"], .ide),
    // The serial port is read for the machine's start-up messages.
    DriverNeed(
      when: DriverNeed.Condition(family: "linux"), need: ["virtio_net"], nics: [NICKind.virtio.rawValue],
      settings: ["serial-console"], installers: ["qemu-guest-agent"]),
    network("linux", ["e1000e"], .e1000e),
    network("linux", ["e1000"], .e1000),
  ]

  /// Windows brings the drivers of emulated controllers along, under names that depend on its version.
  private static let windows: [DriverNeed] = [
    boot("windows", ["viostor"], .virtioBlk),
    boot("windows", ["vioscsi"], .virtioSCSI),
    boot("windows", ["stornvme"], .nvme),
    boot("windows", ["storahci"], .sata, min: "6.2"),
    boot("windows", ["msahci"], .sata, below: "6.2"),
    boot("windows", ["intelide"], .ide),
    network("windows", ["netkvm"], .virtio),
    // Windows is known to have it from 8 and Server 2012 on; before that the driver is Intel's, and e1000 needs none.
    network("windows", ["e1iexpress"], .e1000e, below: "6.2"),
    // A server leaves disks offline that hang on another kind of controller than before. The agent serves whatever
    // hypervisor of this family the machine goes to from here.
    DriverNeed(
      when: DriverNeed.Condition(family: "windows"), need: [], settings: ["disks-online"],
      installers: ["qemu-ga-{arch}.msi"]),
  ]
}
