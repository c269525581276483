import ConnectorProtocol

@testable import AWSConnector

/// Machines to plan.
enum Requests {
  static let mebibyte: Int64 = 1 << 20

  static func request(
    _ job: JobID, name: String = "restored", sizes: [Int64], firmware: FirmwareType = .bios, secureBoot: Bool = false,
    tpm: Bool = false, arch: String = "x86_64", nics: [MachineDescription.NIC] = [.init(index: 0, network: "office")],
    cpus: Int = 2, memoryBytes: Int64 = 2048 * mebibyte, family: String = "linux", guest: GuestFacts? = nil,
    boot: Int = 0, uuid: String? = nil, mapping: Mapping = Mapping(), options: JSONValue = [:]
  ) -> PlanPreflight {
    let machine = MachineDescription(
      name: "source", cpu: .init(count: cpus), memoryBytes: memoryBytes, firmware: .init(type: firmware), nics: nics,
      guest: .init(family: family), identity: .init(uuid: uuid))
    return PlanPreflight(
      job: job, name: name, machine: machine, guest: guest,
      disks: sizes.enumerated().map { index, size in
        .init(index: index, sizeBytes: size, format: "raw", access: "nbd", boot: index == boot)
      },
      hardware: Hardware(
        firmware: firmware, secureBoot: secureBoot, tpm: tpm, arch: arch, controllers: sizes.map { _ in "nvme" },
        nicModel: "ena"), mapping: mapping, options: options)
  }
}
