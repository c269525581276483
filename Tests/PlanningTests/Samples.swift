import ConnectorProtocol
import Planning

let gib: Int64 = 1 << 30
let mib: Int64 = 1 << 20

typealias DiskForm = CapabilityDocument.DiskForm

/// The forms in which platforms of several kinds take disks.
enum Accepts {
  static let blockService = [
    DiskForm(format: "raw", access: ["nbd"], roundTo: gib, maxBytes: 64 << 40, sparse: "skip")
  ]
  static let fixedVHD = [
    DiskForm(
      format: "vhd", subformat: "fixed", access: ["nbd", "file"], roundTo: mib, minBytes: 20 * mib, maxBytes: 32 << 40)
  ]
  static let streamVMDK = [DiskForm(format: "vmdk", subformat: "streamOptimized", access: ["file"])]
  static let fileVHDX = [
    DiskForm(format: "vhdx", subformat: "dynamic", access: ["file"], maxBytes: 64 << 40),
    DiskForm(format: "vhd", subformat: "dynamic", access: ["file"], maxBytes: 2040 * gib),
  ]
  static let urlQcow2 = [DiskForm(format: "qcow2", access: ["http"])]
  static let anything = [
    DiskForm(format: "raw", access: ["file", "nbd"]), DiskForm(format: "qcow2", access: ["nbd", "http", "file"]),
    DiskForm(format: "vdi", access: ["file"]),
  ]
}

enum Sources {
  static let vmdk = PathSource(
    formats: ["vmdk"], virtualSizeBytes: 10 * gib, allocatedBytes: 2 * gib, needsPreparation: true)
  static let chain = PathSource(
    formats: ["raw", "qcow2", "qcow2"], virtualSizeBytes: 11_000_000_000, allocatedBytes: 3 * gib)
  static let small = PathSource(formats: ["raw"], virtualSizeBytes: 5 * mib, allocatedBytes: 1 * mib)
  static let unmeasured = PathSource(formats: ["vhdx"], virtualSizeBytes: 40 * gib)
}

extension CapabilityDocument {
  /// A platform with a bit of everything.
  static func sample(_ edit: (inout CapabilityDocument) -> Void = { _ in }) -> CapabilityDocument {
    var document = CapabilityDocument(
      id: "test", displayName: "Test", vendor: "tests", version: "1.0", executable: "connector", connection: [:],
      target: [:], inventory: [InventoryKind(kind: "network")],
      disks: Disks(accepts: Accepts.anything, maxCount: 4, bootMaxBytes: 2 << 40),
      boot: [
        Boot(firmware: .bios, arch: "x86_64"),
        Boot(firmware: .uefi, secureBoot: false, tpm: false, arch: "x86_64", generation: "plain"),
        Boot(firmware: .uefi, secureBoot: true, tpm: true, arch: "x86_64", generation: "secure"),
      ],
      controllers: [
        Controller(id: "scsi0", bus: "virtio-scsi", maxDisks: 2, bootable: true),
        Controller(id: "nvme0", bus: "nvme", maxDisks: 4, bootable: true, firmware: [.uefi]),
        Controller(id: "ide0", bus: "ide", maxDisks: 2, bootable: true, firmware: [.bios]),
        Controller(id: "sata0", bus: "sata", maxDisks: 4, bootable: true),
      ],
      nics: [NICModel(model: "virtio-net", max: 4), NICModel(model: "e1000", max: 4)],
      drivers: [
        DriverNeed(
          when: .init(family: "linux"), need: ["virtio_pci", "virtio_scsi"], initramfs: true, controllers: ["scsi0"]),
        DriverNeed(when: .init(family: "linux"), need: ["nvme"], initramfs: true, controllers: ["nvme0"]),
        DriverNeed(when: .init(family: "linux"), need: ["ata_piix"], initramfs: true, controllers: ["ide0"]),
        DriverNeed(when: .init(family: "linux"), need: ["ahci"], initramfs: true, controllers: ["sata0"]),
        DriverNeed(when: .init(family: "linux"), need: ["virtio_net"]),
        DriverNeed(
          when: .init(family: "windows", min: "6.1", below: "10.0"), need: ["vioscsi-old"], controllers: ["scsi0"]),
        DriverNeed(when: .init(family: "windows", min: "10.0"), need: ["vioscsi"], controllers: ["scsi0"]),
        DriverNeed(when: .init(family: "windows", min: "10.0"), need: ["storahci"], controllers: ["sata0"]),
      ],
      limits: Limits(
        cpuMax: 16, memoryMaxBytes: 64 * gib, memoryStepBytes: 256 * mib, nicMax: 2, nameMax: 20,
        namePattern: "^[a-z][a-z0-9-]*$", tagMax: 1),
      cleanup: Cleanup(byTag: true, byName: true))
    edit(&document)
    return document
  }
}

extension MachineDescription {
  static func sample(_ edit: (inout MachineDescription) -> Void = { _ in }) -> MachineDescription {
    var machine = MachineDescription(
      name: "web1", cpu: CPU(count: 2), memoryBytes: 2 * gib, controllers: [Controller(id: "c0", bus: "pvscsi")],
      disks: [Disk(index: 0, name: "system", sizeBytes: 10 * gib, boot: true, controller: "c0", unit: 0)],
      nics: [NIC(index: 0, model: "vmxnet3", network: "LAN")])
    edit(&machine)
    return machine
  }

  static func withDisks(_ count: Int) -> MachineDescription {
    sample { machine in
      machine.disks = (0..<count).map { index in
        Disk(index: index, name: "disk\(index)", sizeBytes: gib, boot: index == 0, controller: "c0", unit: index)
      }
    }
  }
}

extension GuestFacts {
  static func linux(_ drivers: String...) -> GuestFacts {
    GuestFacts(
      understood: true, family: "linux", distribution: "debian", version: "12.5", architecture: "x86_64",
      kernels: [
        Kernel(version: "6.1", initramfs: "/boot/initrd.img-6.1", drivers: drivers + ["ext4"]),
        Kernel(version: "6.0", initramfs: "/boot/initrd.img-6.0", drivers: drivers),
      ])
  }

  static func windows(_ version: String) -> GuestFacts {
    GuestFacts(understood: true, family: "windows", version: version, architecture: "x86_64")
  }

  static let strange = GuestFacts(understood: false, reason: "its disks are encrypted")
}

extension PlannerInputs {
  static func sample(_ edit: (inout PlannerInputs) -> Void = { _ in }) -> PlannerInputs {
    var inputs = PlannerInputs(
      backup: .init(id: "b1", name: "web1 of Monday", platform: "elsewhere"),
      target: .init(name: "cellar", platform: "test"), machine: .sample(), guest: .linux(),
      disks: [Disk(index: 0, formats: ["vmdk"], virtualSizeBytes: 10 * gib, allocatedBytes: 2 * gib)],
      document: .sample(), mapping: Mapping(networks: ["LAN": "br0"]), freeStagingBytes: 100 * gib)
    edit(&inputs)
    return inputs
  }
}

extension PlanPreflight.Result {
  static func sample(
    accepted: Bool = true, size: Int64 = 10 * gib, diagnostics: [Diagnostic] = []
  ) -> PlanPreflight.Result {
    PlanPreflight.Result(
      plan: PlanPreflight.Plan(id: "p1", digest: "d", state: ["disk": "d0"]),
      disks: [
        PlanPreflight.DiskVerdict(
          index: 0, accepted: accepted, effectiveSizeBytes: size, why: accepted ? nil : "its shape displeases")
      ],
      adjustments: [.init(at: "/name", from: "web1", to: "web1-2", why: "the name is taken")],
      resources: [Resource(kind: "disk", name: "web1-d0"), Resource(kind: "image", name: "web1-tmp", temporary: true)],
      diagnostics: diagnostics)
  }
}
