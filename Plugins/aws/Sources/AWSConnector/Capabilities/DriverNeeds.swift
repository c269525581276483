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
    DriverNeed(when: DriverNeed.Condition(family: "linux"), need: ["ena"], nics: [nic]),
    // Windows has stornvme from 8.1 and Server 2012 R2 on; Amazon's own driver does for all.
    DriverNeed(
      when: DriverNeed.Condition(family: "windows", min: "6.3"), need: ["stornvme"], initramfs: true,
      controllers: [controller]),
    DriverNeed(
      when: DriverNeed.Condition(family: "windows", below: "6.3"), need: ["awsnvme"], initramfs: true,
      controllers: [controller]),
    DriverNeed(when: DriverNeed.Condition(family: "windows"), need: ["ena"], nics: [nic]),
  ]
}
