import ConnectorProtocol

/// What this connector can do: the document behind `connector.json`.
enum Capabilities {
  static let document = CapabilityDocument(
    id: "vmware",
    displayName: "VMware vSphere",
    vendor: "Ascend",
    version: "1.0.0",
    executable: "bin/vmware-connector",
    docs: "README.md",
    license: "Apache-2.0",
    methods: ["plan/estimate", MachinePromote.method],
    features: ["screenshot", "estimate", "secureBoot", LimitsNotification.feature],
    connection: ConfigForm.connection,
    target: ConfigForm.target,
    permissions: permissions,
    inventory: InventoryKind.allCases.map { CapabilityDocument.InventoryKind(kind: $0.rawValue, fills: $0.fills) },
    disks: disks(.lease),
    boot: boot,
    controllers: DiskController.allCases.map(\.capability),
    nics: NICKind.allCases.map(\.capability),
    drivers: DriverNeeds.all,
    limits: CapabilityDocument.Limits(
      cpuMax: MachineLimits.processors, memoryMaxBytes: MachineLimits.memoryBytes,
      memoryStepBytes: MachineLimits.memoryStep, nicMax: NICKind.maxCount, nameMax: MachineLimits.name,
      namePattern: NameRule.pattern),
    concurrency: CapabilityDocument.Concurrency(jobs: 4, disks: 4),
    timing: CapabilityDocument.Timing(openMs: 60_000, graceMs: 15_000, heartbeatMs: 10_000),
    resumable: [],
    verify: CheckKind.allCases.map(\.rawValue),
    cleanup: CapabilityDocument.Cleanup(byTag: true, byName: true))

  static let boot: [CapabilityDocument.Boot] = [
    boot(.bios), boot(.uefi), boot(.uefi, secureBoot: true), boot(.uefi, secureBoot: true, tpm: true),
  ]

  private static func boot(
    _ firmware: FirmwareType, secureBoot: Bool = false, tpm: Bool = false
  ) -> CapabilityDocument.Boot {
    CapabilityDocument.Boot(firmware: firmware, secureBoot: secureBoot, tpm: tpm, arch: MachineLimits.architecture)
  }

  /// The form in which disks are wanted depends on how they are delivered.
  static func disks(_ delivery: Settings.Delivery) -> CapabilityDocument.Disks {
    let dense = delivery == .datastore
    let form = CapabilityDocument.DiskForm(
      format: dense ? "raw" : "vmdk", subformat: dense ? nil : "streamOptimized", access: ["nbd"],
      roundTo: MachineLimits.diskStep, minBytes: MachineLimits.leastDisk, maxBytes: MachineLimits.diskBytes,
      sectorBytes: 512, sparse: dense ? "required-dense" : "skip")
    return CapabilityDocument.Disks(
      accepts: [form], maxCount: MachineLimits.disks, preferredRequestBytes: 1 << 20, parallel: 4)
  }

  private static let permissions: [CapabilityDocument.Permission] = [
    permission("VApp.Import", "Machines and disks are made by an import.", "with the lease delivery"),
    permission("VirtualMachine.Inventory.Create", "The restored machine is made."),
    permission("VirtualMachine.Inventory.Delete", "What a failed restore has made is removed."),
    permission("VirtualMachine.Config.AddNewDisk", "Its disks are made."),
    permission("VirtualMachine.Config.AddExistingDisk", "Disks that came one by one are attached."),
    permission("VirtualMachine.Config.RemoveDisk", "Disks that came one by one leave what carried them."),
    permission("VirtualMachine.Config.AddRemoveDevice", "It gets controllers and network interfaces."),
    permission(
      "VirtualMachine.Config.EditDevice", "Its disks move to another controller.", "where its hardware is changed later"
    ),
    permission("VirtualMachine.Config.Settings", "Firmware and boot order are set."),
    permission("VirtualMachine.Config.Annotation", "Notes say where it came from."),
    permission("VirtualMachine.Config.AdvancedConfig", "It bears the mark of its job until that is finished."),
    permission("VirtualMachine.Interact.PowerOn", "It is started and looked at.", "where the restore starts it"),
    permission("VirtualMachine.Interact.PowerOff", "A machine that runs is stopped before it is removed."),
    permission("VirtualMachine.Interact.CreateScreenshot", "A picture of its console is kept as evidence."),
    permission("Datastore.AllocateSpace", "Disks take space."),
    permission("Datastore.Browse", "Disks are found again."),
    permission("Datastore.FileManagement", "Disks are put, moved and removed.", "several disks; datastore delivery"),
    permission("Network.Assign", "Its network interfaces are connected."),
    permission("Resource.AssignVMToPool", "It goes into a resource pool."),
    permission("Global.SetCustomField", "Tags are kept as custom attributes.", "where the restore sets tags"),
    permission("Global.ManageCustomFields", "Attributes of new names are made.", "where the restore sets tags"),
    permission("Cryptographer.AddDisk", "A virtual TPM is encrypted.", "where a TPM is asked for"),
  ]

  private static func permission(
    _ name: String, _ why: String, _ when: String? = nil
  ) -> CapabilityDocument.Permission {
    CapabilityDocument.Permission(name: name, why: why, when: when)
  }
}
