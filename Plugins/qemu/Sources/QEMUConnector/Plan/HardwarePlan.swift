import ConnectorKit
import ConnectorProtocol
import Foundation

/// The virtual hardware of a planned machine, and what of the request it cannot be.
struct HardwarePlan: Sendable {
  var request: PlanPreflight
  var settings: Settings
  var host: Host

  private var identity: Identity { Identity(job: request.job, renew: request.mapping.identity == "renew") }

  var uuid: String { identity.uuid(request.machine.identity.uuid) }

  var board: MachinePlan.Board {
    request.hardware.controllers.contains(DiskController.ide.rawValue) ? .pc : .q35
  }

  var clock: MachinePlan.Clock {
    (request.guest?.family ?? request.machine.guest?.family) == "windows" ? .localtime : .utc
  }

  func cpu(_ findings: inout Findings) -> MachineDescription.CPU {
    var cpu = request.machine.cpu
    if let count = request.mapping.cpuCount {
      cpu = MachineDescription.CPU(count: count)
    }
    let allowed = min(max(cpu.count, 1), MachineLimits.processors)
    if allowed != cpu.count {
      findings.adjust(
        "/machine/cpu/count", from: String(cpu.count), to: String(allowed),
        why: "A machine has 1 to \(MachineLimits.processors) processors.")
      cpu.count = allowed
    }
    if cpu.count > host.processors {
      findings.warn(
        "cpu.many", "The machine has \(cpu.count) processors, this computer \(host.processors): it will be slow.",
        at: "/machine/cpu/count", action: "Map the machine to fewer processors.")
    }
    return cpu
  }

  func memory(_ findings: inout Findings) -> Int64 {
    let wanted = request.mapping.memoryBytes ?? request.machine.memoryBytes
    let limit = min(settings.memoryLimit ?? host.memoryBytes, host.memoryBytes)
    let step = MachineLimits.memoryStep
    var given = max(wanted, Settings.leastMemory)
    given = given > Int64.max - step ? given / step * step : (given + step - 1) / step * step
    var why = "Memory goes in steps of \(ByteSize.text(step)), from \(ByteSize.text(Settings.leastMemory))."
    if given > limit {
      given = limit / step * step
      why =
        settings.memoryLimit == limit
        ? "The target's memory limit is \(ByteSize.text(limit))." : "This computer has \(ByteSize.text(limit))."
    }
    if given != wanted {
      findings.adjust("/machine/memoryBytes", from: String(wanted), to: String(given), why: why)
    }
    return given
  }

  func disks(_ findings: inout Findings) -> [MachinePlan.Disk] {
    var taken: [DiskController] = []
    var planned: [MachinePlan.Disk] = []
    _ = findings.checkIndices(of: request.disks)
    if request.disks.isEmpty { findings.block("disk.none", "A machine needs a disk.", at: "/disks") }
    for (place, disk) in request.disks.enumerated() {
      guard let controller: DiskController = findings.controller(ofDisk: disk.index, request.hardware) else { continue }
      taken.append(controller)
      if let disk = self.disk(disk, on: controller, at: "/disks/\(place)", &findings) { planned.append(disk) }
    }
    findings.checkRoom(on: taken)
    return planned.sorted { $0.index < $1.index }
  }

  private func disk(
    _ disk: PlanPreflight.PlannedDisk, on controller: DiskController, at: String, _ findings: inout Findings
  ) -> MachinePlan.Disk? {
    guard findings.checkForm(of: disk, at: at, in: Capabilities.document.disks.accepts) else { return nil }
    let sector = MachineLimits.sector
    guard disk.sizeBytes > 0, disk.sizeBytes <= MachineLimits.diskBytes else {
      findings.block(
        "disk.size", "Disk \(disk.index) has \(disk.sizeBytes) bytes; 1 to \(MachineLimits.diskBytes) are possible.",
        at: at)
      return nil
    }
    if let wish = request.mapping.storage[String(disk.index)] ?? request.mapping.storage["*"],
      wish != Inventory.storageID, wish != Inventory.storageName
    {
      findings.block(
        "mapping.storage", "There is no storage '\(wish)'.", at: "/mapping/storage",
        action: "Use '\(Inventory.storageID)', the folder of the machines.")
    }
    return MachinePlan.Disk(
      index: disk.index, sizeBytes: (disk.sizeBytes + sector - 1) / sector * sector,
      allocatedBytes: disk.allocatedBytes, format: disk.format, access: disk.access, controller: controller,
      boot: disk.boot)
  }

  func nics(_ findings: inout Findings) -> [MachinePlan.NIC] {
    guard let model = findings.nicModel(request, otherwise: NICKind.virtio) else { return [] }
    return request.machine.nics.map { nic in
      MachinePlan.NIC(
        index: nic.index, model: model, mac: identity.mac(nic.mac, index: nic.index),
        network: nic.connected ? network(nic, &findings).id : Network.none.id)
    }
  }

  private func network(_ nic: MachineDescription.NIC, _ findings: inout Findings) -> Network {
    let networks = request.mapping.networks
    guard let wish = nic.network.flatMap({ networks[$0] }) ?? networks["*"] else {
      findings.note(
        "network.defaulted",
        "Network interface \(nic.index) is not mapped: it gets user-mode networking, which only goes outward.",
        at: "/machine/nics/\(nic.index)")
      return .user
    }
    if let network = Network.allCases.first(where: { $0.id == wish || $0.title == wish }) { return network }
    findings.block(
      "mapping.network", "There is no network '\(wish)' here.", at: "/mapping/networks",
      action: "Use one of \(Network.allCases.map(\.id).joined(separator: ", ")).")
    return .none
  }

  func checkFirmware(_ findings: inout Findings) {
    let hardware = request.hardware
    if hardware.arch != MachineLimits.architecture {
      findings.block(
        "guestUnsupported", "Machines here are \(MachineLimits.architecture), not \(hardware.arch).",
        at: "/hardware/arch")
    }
    if hardware.tpm {
      findings.block("tpm.unavailable", "Machines here have no TPM.", at: "/hardware/tpm", action: "Plan without one.")
    }
    switch hardware.firmware {
    case .bios where hardware.secureBoot:
      findings.block("firmware.secureBoot", "Secure Boot needs UEFI.", at: "/hardware/secureBoot")
    case .bios: break
    case .uefi:
      guard Firmware.find(secureBoot: hardware.secureBoot) == nil else { break }
      let what = hardware.secureBoot ? "UEFI firmware with Secure Boot" : "UEFI firmware"
      findings.block(
        "firmware.missing", "This computer has no \(what) for machines.", at: "/hardware/firmware",
        action: "Install OVMF (Debian and Ubuntu: package ovmf).")
    default:
      findings.block(
        "firmware.unknown", "There is no firmware '\(hardware.firmware)' here.", at: "/hardware/firmware",
        action: "Choose bios or uefi.")
    }
  }
}
