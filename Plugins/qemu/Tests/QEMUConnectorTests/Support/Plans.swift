import ConnectorProtocol

@testable import QEMUConnector

let mebibyte: Int64 = 1 << 20

/// Machines to plan and make.
enum Plans {
  static func plan(
    job: String = "0198a0c0-0000-7000-8000-0000000000aa", name: String = "vm", folder: String = "/m",
    controllers: [DiskController] = [.virtioBlk], format: String = "raw", firmware: FirmwareType = .bios,
    secureBoot: Bool = false, nic: NICKind = .virtio, network: String = "user", notes: String? = nil
  ) -> MachinePlan {
    MachinePlan(
      job: JobID(job), name: name, folder: folder, uuid: "564d1234-0000-1111-2222-333344445555",
      cpu: .init(count: 2), memoryBytes: 128 * mebibyte, firmware: firmware, secureBoot: secureBoot,
      board: controllers.contains(.ide) ? .pc : .q35, clock: .utc,
      disks: controllers.enumerated().map { index, controller in
        .init(
          index: index, sizeBytes: 4 * mebibyte, format: format, access: "nbd", controller: controller,
          boot: index == 0)
      },
      nics: [.init(index: 0, model: nic, mac: "52:54:00:00:00:01", network: network)], notes: notes, tags: [:])
  }

  static func machine(memoryBytes: Int64 = 256 * mebibyte, nics: [MachineDescription.NIC] = []) -> MachineDescription {
    MachineDescription(name: "source", cpu: .init(count: 1), memoryBytes: memoryBytes, nics: nics)
  }

  static func request(
    job: JobID, name: String = "vm", size: Int64 = 4 * mebibyte, allocated: Int64? = nil, format: String = "raw",
    access: String = "nbd", controller: String = "virtio-blk", firmware: FirmwareType = .bios,
    machine: MachineDescription = machine(), mapping: Mapping = Mapping()
  ) -> PlanPreflight {
    PlanPreflight(
      job: job, name: name, machine: machine,
      disks: [.init(index: 0, sizeBytes: size, allocatedBytes: allocated, format: format, access: access, boot: true)],
      hardware: Hardware(firmware: firmware, arch: "x86_64", controllers: [controller], nicModel: "virtio-net-pci"),
      mapping: mapping)
  }

  static func job() -> JobID { JobID(TimeOrderedUUID.make()) }
}
