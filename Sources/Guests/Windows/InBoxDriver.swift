import Foundation

/// A boot-critical driver that Windows brings along. It need only be switched on: setup leaves those that the machine
/// did not need at that time to be started on demand, which is too late for the disk that Windows is on.
struct InBoxDriver: Sendable, Hashable {
  var service: String
  var group: String
  /// Other services that must start with it, where the guest has them.
  var companions: [String] = []
  /// The first version that has it, and the first that has it no more.
  var since: (Int, Int) = (6, 1)
  var until: (Int, Int)?
  /// For Windows without a `DriverDatabase`: the ids of its devices, as `CriticalDeviceDatabase` names them.
  var criticalDevices: [CriticalDevice] = []

  struct CriticalDevice: Sendable, Hashable {
    var id: String
    var service: String
    var classGUID: String
  }

  private static let hdc = "{4D36E96A-E325-11CE-BFC1-08002BE10318}"
  private static let channels = [
    CriticalDevice(id: "primary_ide_channel", service: "atapi", classGUID: hdc),
    CriticalDevice(id: "secondary_ide_channel", service: "atapi", classGUID: hdc),
  ]

  static let all: [InBoxDriver] = [
    .init(
      service: "intelide", group: "System Bus Extender", companions: ["pciide", "atapi"],
      criticalDevices: [
        .init(id: "pci#ven_8086&dev_7010", service: "intelide", classGUID: hdc),
        .init(id: "pci#ven_8086&dev_7111", service: "intelide", classGUID: hdc),
      ] + channels),
    .init(
      service: "pciide", group: "System Bus Extender", companions: ["atapi"],
      criticalDevices: [.init(id: "pci#cc_0101", service: "pciide", classGUID: hdc)] + channels),
    .init(service: "atapi", group: "SCSI Miniport", criticalDevices: channels),
    .init(
      service: "msahci", group: "System Bus Extender", companions: ["atapi"], until: (6, 2),
      criticalDevices: [.init(id: "pci#cc_0106", service: "msahci", classGUID: hdc)]),
    .init(service: "storahci", group: "SCSI Miniport", since: (6, 2)),
    // 7 and 2008 R2 have it where an update brought it.
    .init(
      service: "stornvme", group: "SCSI Miniport", since: (6, 3),
      criticalDevices: [.init(id: "pci#cc_010802", service: "stornvme", classGUID: BootDriver.scsiClass)]),
    .init(
      service: "storvsc", group: "SCSI Miniport", companions: ["vmbus", "storflt"]),
    .init(service: "vmbus", group: "System Bus Extender", companions: ["storflt"]),
    .init(service: "storflt", group: "Boot Bus Extender"),
    .init(
      service: "lsi_sas", group: "SCSI Miniport",
      criticalDevices: [.init(id: "pci#ven_1000&dev_0054", service: "lsi_sas", classGUID: BootDriver.scsiClass)]),
    .init(
      service: "lsi_scsi", group: "SCSI Miniport", until: (6, 2),
      criticalDevices: [.init(id: "pci#ven_1000&dev_0030", service: "lsi_scsi", classGUID: BootDriver.scsiClass)]),
  ]

  static func named(_ name: String) -> InBoxDriver? {
    all.first { $0.service.caseInsensitiveCompare(name) == .orderedSame }
  }

  func isPart(of windows: WindowsTarget) -> Bool {
    let own = (windows.major, windows.minor)
    return own >= since && until.map { own < $0 } ?? true
  }

  static func == (left: Self, right: Self) -> Bool { left.service == right.service }
  func hash(into hasher: inout Hasher) { hasher.combine(service) }
}
