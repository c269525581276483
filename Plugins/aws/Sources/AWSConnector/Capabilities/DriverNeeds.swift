import ConnectorProtocol

/// What guests need for Nitro instances, which is all that this connector makes: NVMe disks and the Elastic Network
/// Adapter.
enum DriverNeeds {
  static let controller = "nvme"
  static let nic = "ena"

  static let all: [DriverNeed] = [
    // `nvme` brings `nvme_core` along; without it in the initramfs the root disk is never found.
    DriverNeed(
      when: DriverNeed.Condition(family: "linux"), need: ["nvme"], initramfs: true, controllers: [controller]),
    // EC2 gives each interface its address by DHCP, and shows what is written to the first serial port.
    DriverNeed(
      when: DriverNeed.Condition(family: "linux"), need: ["ena"], nics: [nic], settings: ["dhcp", "serial-console"]),
    // Windows has stornvme from 8.1 and Server 2012 R2 on; Amazon's own driver does for all.
    DriverNeed(
      when: DriverNeed.Condition(family: "windows", min: "6.3"), need: ["stornvme"], initramfs: true,
      controllers: [controller]),
    DriverNeed(
      when: DriverNeed.Condition(family: "windows", below: "6.3"), need: ["awsnvme"], initramfs: true,
      controllers: [controller]),
    // EC2Launch v2 is for 8 and Server 2012 on: it sets passwords, takes user data and activates Amazon's licence.
    windowsNetwork(DriverNeed.Condition(family: "windows", min: "6.2"), installers: ["AmazonEC2Launch.msi"]),
    windowsNetwork(DriverNeed.Condition(family: "windows", below: "6.2")),
  ]

  /// There is no console to sit at: without remote desktop a Windows machine is reached by nobody. Clocks run in UTC.
  private static func windowsNetwork(_ when: DriverNeed.Condition, installers: [String]? = nil) -> DriverNeed {
    DriverNeed(
      when: when, need: ["ena"], nics: [nic],
      settings: ["remote-desktop", "clock-utc", "disks-online", "dhcp", "serial-console"], installers: installers)
  }
}
