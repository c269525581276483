import ConnectorProtocol

@testable import VMwareConnector

/// Machines to plan.
enum Requests {
  static let mebibyte: Int64 = 1 << 20

  static func request(
    _ job: JobID, name: String, sizes: [Int64], controllers: [DiskController]? = nil, firmware: FirmwareType = .bios,
    secureBoot: Bool = false, nic: NICKind = .vmxnet3, nics: [MachineDescription.NIC] = [],
    cpu: MachineDescription.CPU = .init(count: 2), memoryBytes: Int64 = 512 * mebibyte, dense: Bool = false,
    guest: GuestFacts? = nil, boot: Int = 0, mapping: Mapping = Mapping(), options: JSONValue = [:]
  ) -> PlanPreflight {
    let controllers = controllers ?? sizes.map { _ in .pvscsi }
    let machine = MachineDescription(
      name: "source", cpu: cpu, memoryBytes: memoryBytes, firmware: .init(type: firmware), nics: nics,
      guest: .init(family: "linux"), notes: "It was a good machine.")
    return PlanPreflight(
      job: job, name: name, machine: machine, guest: guest,
      disks: sizes.enumerated().map { index, size in
        .init(
          index: index, sizeBytes: size, format: dense ? "raw" : "vmdk", subformat: dense ? nil : "streamOptimized",
          access: "nbd", boot: index == boot)
      },
      hardware: Hardware(
        firmware: firmware, secureBoot: secureBoot, arch: "x86_64", controllers: controllers.map(\.rawValue),
        nicModel: nic.rawValue), mapping: mapping, options: options)
  }
}
