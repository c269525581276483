import ConnectorProtocol

/// What this connector can do: the document behind `connector.json`.
enum Capabilities {
  static let document = CapabilityDocument(
    id: "aws",
    displayName: "Amazon EC2",
    vendor: "Ascend",
    version: "1.0.0",
    executable: "bin/aws-connector",
    docs: "README.md",
    license: "Apache-2.0",
    methods: ["plan/estimate", "sizing/suggest", SourceOpen.method, SourceClose.method],
    features: [
      "resume", "estimate", "screenshot", DiskReceive.readBackFeature, LimitsNotification.feature, "assignsAddresses",
    ],
    connection: ConfigForm.connection,
    target: ConfigForm.target,
    permissions: Permissions.all,
    inventory: InventoryKind.allCases.map {
      CapabilityDocument.InventoryKind(kind: $0.rawValue, parent: $0.parent, fills: $0.fills)
    },
    disks: CapabilityDocument.Disks(
      accepts: [
        CapabilityDocument.DiskForm(
          format: "raw", access: ["nbd"], roundTo: MachineLimits.diskStep, minBytes: MachineLimits.diskStep,
          maxBytes: MachineLimits.diskBytes, sectorBytes: 512, sparse: "skip")
      ], maxCount: MachineLimits.disks, preferredRequestBytes: MachineLimits.blockBytes, parallel: 8),
    boot: [
      CapabilityDocument.Boot(firmware: .bios, arch: "x86_64"),
      CapabilityDocument.Boot(firmware: .uefi, arch: "x86_64"),
      CapabilityDocument.Boot(firmware: .uefi, tpm: true, arch: "x86_64"),
      CapabilityDocument.Boot(firmware: .uefi, arch: "aarch64"),
    ],
    controllers: [
      CapabilityDocument.Controller(
        id: DriverNeeds.controller, bus: "nvme", maxDisks: MachineLimits.disks, bootable: true)
    ],
    nics: [CapabilityDocument.NICModel(model: DriverNeeds.nic, max: MachineLimits.nics)],
    drivers: DriverNeeds.all,
    limits: CapabilityDocument.Limits(
      cpuMax: MachineLimits.processors, memoryMaxBytes: MachineLimits.memoryBytes, memoryStepBytes: 1 << 20,
      nicMax: MachineLimits.nics, nameMax: MachineLimits.name, namePattern: NameRule.pattern, tagMax: TagRule.most),
    concurrency: CapabilityDocument.Concurrency(jobs: 8, disks: 4),
    timing: CapabilityDocument.Timing(openMs: 60_000, graceMs: 10_000, heartbeatMs: 10_000),
    resumable: [DiskReceive.method],
    verify: CheckKind.allCases.map(\.rawValue),
    cleanup: CapabilityDocument.Cleanup(byTag: true, byName: true),
    sources: [
      CapabilityDocument.Source(
        scheme: SnapshotAddress.scheme, title: "EBS snapshots", example: SnapshotAddress.example)
    ])
}
