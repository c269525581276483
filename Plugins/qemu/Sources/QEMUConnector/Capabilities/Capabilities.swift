import ConnectorProtocol

/// What this connector can do: the document behind `connector.json`.
enum Capabilities {
  static let document = CapabilityDocument(
    id: "qemu",
    displayName: "QEMU on this computer",
    vendor: "Ascend",
    version: "1.0.0",
    executable: "bin/qemu-connector",
    docs: "README.md",
    license: "Apache-2.0",
    methods: ["sizing/suggest", "plan/estimate", MachinePromote.method],
    features: ["resume", "screenshot", "estimate", LimitsNotification.feature, DiskReceive.readBackFeature],
    connection: ConfigForm.connection,
    target: ConfigForm.target,
    permissions: [
      CapabilityDocument.Permission(
        name: "write the folder of the machines", why: "Disks and descriptions of the restored machines lie there."),
      CapabilityDocument.Permission(
        name: "read and write /dev/kvm", why: "Machines run about ten times faster with it.",
        when: "for machines that are started here"),
    ],
    inventory: [
      CapabilityDocument.InventoryKind(kind: InventoryKind.network.rawValue, fills: "networks"),
      CapabilityDocument.InventoryKind(kind: InventoryKind.storage.rawValue, fills: "storage"),
      CapabilityDocument.InventoryKind(kind: InventoryKind.instanceType.rawValue),
    ],
    disks: CapabilityDocument.Disks(
      accepts: [
        form("raw", ["nbd"]), form("qcow2", ["nbd"]), form("qcow2", ["file"]), form("raw", ["file"]),
      ],
      maxCount: DiskController.virtioSCSI.maxDisks, preferredRequestBytes: 1 << 20, parallel: 4),
    boot: [boot(.bios), boot(.uefi), boot(.uefi, secureBoot: true)],
    controllers: DiskController.allCases.map(\.capability),
    nics: NICKind.allCases.map(\.capability),
    drivers: DriverNeeds.all,
    limits: CapabilityDocument.Limits(
      cpuMax: MachineLimits.processors, memoryStepBytes: MachineLimits.memoryStep, nicMax: NICKind.maxCount,
      nameMax: NameRule.longest, namePattern: NameRule.pattern),
    concurrency: CapabilityDocument.Concurrency(jobs: 4, disks: 2),
    timing: CapabilityDocument.Timing(openMs: 30_000, graceMs: 10_000, heartbeatMs: 10_000),
    resumable: ["disk/receive"],
    verify: CheckKind.allCases.map(\.rawValue),
    cleanup: CapabilityDocument.Cleanup(byTag: true, byName: true))

  static func boot(_ firmware: FirmwareType, secureBoot: Bool = false) -> CapabilityDocument.Boot {
    CapabilityDocument.Boot(firmware: firmware, secureBoot: secureBoot, tpm: false, arch: MachineLimits.architecture)
  }

  /// QEMU's own limit for qcow2 is far above this; ext4, where most folders lie, ends a file at 16 TiB.
  private static func form(_ format: String, _ access: [String]) -> CapabilityDocument.DiskForm {
    CapabilityDocument.DiskForm(
      format: format, access: access, roundTo: MachineLimits.sector, minBytes: MachineLimits.sector,
      maxBytes: MachineLimits.diskBytes, sectorBytes: Int(MachineLimits.sector), sparse: "skip")
  }
}
