import ConnectorKit
import ConnectorProtocol

/// What guests need for the hardware that machines have here, by controller and for the network.
enum DriverNeeds: DriverNeedTable {
  typealias Controller = DiskController
  typealias NIC = NICKind

  static let all: [DriverNeed] = linux + windows

  private static let linux: [DriverNeed] = [
    boot("linux", ["vmw_pvscsi", "sd_mod"], .pvscsi),
    boot("linux", ["nvme"], .nvme),
    boot("linux", ["mptsas", "sd_mod"], .lsiSAS),
    boot("linux", ["ahci", "sd_mod"], .sata),
    boot("linux", ["mptspi", "sd_mod"], .lsiLogic),
    boot("linux", ["ata_piix", "sd_mod"], .ide),
    DriverNeed(
      when: DriverNeed.Condition(family: "linux"), need: ["vmxnet3"], nics: [NICKind.vmxnet3.rawValue],
      installers: ["open-vm-tools"]),
    network("linux", ["e1000e"], .e1000e),
    network("linux", ["e1000"], .e1000),
  ]

  /// Windows brings the drivers of emulated controllers along, under names that depend on its version; those of the
  /// paravirtual ones come with VMware Tools.
  private static let windows: [DriverNeed] = [
    boot("windows", ["pvscsi"], .pvscsi),
    boot("windows", ["stornvme"], .nvme),
    boot("windows", ["lsi_sas"], .lsiSAS),
    boot("windows", ["storahci"], .sata, min: "6.2"),
    boot("windows", ["msahci"], .sata, below: "6.2"),
    boot("windows", ["lsi_scsi"], .lsiLogic),
    boot("windows", ["intelide"], .ide),
    network("windows", ["vmxnet3ndis6"], .vmxnet3),
    // Windows has it from 8 and Server 2012 on; before that the driver is Intel's, and e1000 needs none.
    network("windows", ["e1iexpress"], .e1000e, below: "6.2"),
    // A server leaves disks offline that hang on another kind of controller than before.
    DriverNeed(
      when: DriverNeed.Condition(family: "windows"), need: [], settings: ["disks-online"],
      installers: ["VMware Tools{64}.msi"]),
  ]
}
