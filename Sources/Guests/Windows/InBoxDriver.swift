import Foundation

/// A boot-critical driver that Windows brings along. It need only be switched on: setup leaves those that the machine
/// did not need at that time to be started on demand, which is too late for the disk that Windows is on.
struct InBoxDriver: Sendable, Hashable {
  var service: String
  var file: String
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
      service: "intelide", file: "intelide.sys", group: "System Bus Extender", companions: ["pciide", "atapi"],
      criticalDevices: [
        .init(id: "pci#ven_8086&dev_7010", service: "intelide", classGUID: hdc),
        .init(id: "pci#ven_8086&dev_7111", service: "intelide", classGUID: hdc),
      ] + channels),
    .init(
      service: "pciide", file: "pciide.sys", group: "System Bus Extender", companions: ["atapi"],
      criticalDevices: [.init(id: "pci#cc_0101", service: "pciide", classGUID: hdc)] + channels),
    .init(service: "atapi", file: "atapi.sys", group: "SCSI Miniport", criticalDevices: channels),
    .init(
      service: "msahci", file: "msahci.sys", group: "System Bus Extender", companions: ["atapi"], until: (6, 2),
      criticalDevices: [.init(id: "pci#cc_0106", service: "msahci", classGUID: hdc)]),
    .init(service: "storahci", file: "storahci.sys", group: "SCSI Miniport", since: (6, 2)),
    .init(service: "stornvme", file: "stornvme.sys", group: "SCSI Miniport", since: (6, 3)),
    .init(
      service: "storvsc", file: "storvsc.sys", group: "SCSI Miniport", companions: ["vmbus", "storflt"]),
    .init(service: "vmbus", file: "vmbus.sys", group: "System Bus Extender", companions: ["storflt"]),
    .init(service: "storflt", file: "vmstorfl.sys", group: "Boot Bus Extender"),
    .init(service: "lsi_sas", file: "lsi_sas.sys", group: "SCSI Miniport"),
    .init(service: "lsi_scsi", file: "lsi_scsi.sys", group: "SCSI Miniport", until: (6, 2)),
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
