import ConnectorProtocol
import Support

/// The facts that rules are held against: the machine as it will be, the guest, the platform and the plan so far.
struct PlanFacts {
  let inputs: PlannerInputs
  let name: String
  let cpuCount: Int
  let memoryBytes: Int64
  let choice: HardwareChoice
  let disks: [RestorePlan.PlannedDisk]
  let preparation: RestorePlan.Preparation

  private var document: CapabilityDocument { inputs.document }
  private var hardware: Hardware { choice.hardware }

  func facts() -> RuleFacts {
    RuleFacts([
      "machine": .object(machine), "guest": .object(guest), "target": .object(target), "plan": .object(plan),
      "choice": Self.json(choice.remarks),
    ])
  }

  private var machine: [String: JSONValue] {
    let machine = inputs.machine
    return [
      "name": .string(name), "nameLength": .integer(Int64(name.count)), "cpuCount": .integer(Int64(cpuCount)),
      "memoryBytes": .integer(memoryBytes), "firmware": .string(machine.firmware.type.rawValue),
      "secureBoot": .bool(machine.firmware.secureBoot), "tpm": .bool(machine.firmware.tpm),
      "disks": Self.json(machine.disks), "nics": Self.json(machine.nics), "tags": Self.json(machine.tags),
    ]
  }

  private var guest: [String: JSONValue] {
    guard let guest = inputs.guest else { return ["known": .bool(false)] }
    var facts = Self.json(guest).objectValue ?? [:]
    facts["known"] = .bool(true)
    return facts
  }

  private var target: [String: JSONValue] {
    let limits = document.limits
    let nics = document.nics.map(\.max).max() ?? 0
    let readable = limits.namePattern.map { (try? Regex($0)) != nil }
    return [
      "platform": .string(document.id), "name": .string(inputs.target.name), "connectorInstalled": .bool(true),
      "cpuMax": Self.json(limits.cpuMax), "memoryMaxBytes": Self.json(limits.memoryMaxBytes),
      "nicMax": .integer(Int64(min(limits.nicMax ?? nics, nics))), "diskMax": Self.json(document.disks.maxCount),
      "bootMaxBytes": Self.json(document.disks.bootMaxBytes), "nameMax": Self.json(limits.nameMax),
      "namePattern": Self.json(limits.namePattern), "namePatternReadable": Self.json(readable),
      "tagMax": Self.json(limits.tagMax), "firmware": Self.json(document.boot.map(\.firmware.rawValue)),
      "architectures": Self.json(document.boot.map(\.arch)),
      "secureBoot": .bool(document.boot.contains { $0.secureBoot == true }),
      "tpm": .bool(document.boot.contains { $0.tpm == true }), "buses": Self.json(document.controllers.map(\.bus)),
      "nicModels": Self.json(document.nics.map(\.model)), "features": Self.json(document.features),
      "sectorSizes": Self.json(document.disks.accepts.compactMap(\.sectorBytes)),
    ]
  }

  private var plan: [String: JSONValue] {
    let buses = document.controllers.filter { hardware.controllers.contains($0.id) }.map(\.bus)
    let described = inputs.machine.disks
    let boot = (described.firstIndex(where: \.boot) ?? described.indices.first).flatMap { place -> JSONValue? in
      guard disks.indices.contains(place) else { return nil }
      return ["place": .integer(Int64(place)), "sizeBytes": .integer(disks[place].effectiveSizeBytes)]
    }
    let free = inputs.guest?.freeBytes ?? [:]
    let inodes = inputs.guest?.freeInodes ?? [:]
    let fixed = (inputs.guest?.interfaces ?? []).filter { $0.method == "static" }
    return [
      "firmware": .string(hardware.firmware.rawValue), "secureBoot": .bool(hardware.secureBoot),
      "tpm": .bool(hardware.tpm), "arch": .string(hardware.arch), "generation": Self.json(hardware.generation),
      "buses": Self.json(buses), "nicModel": Self.json(hardware.nicModel),
      "diskCount": .integer(Int64(inputs.disks.count)), "bootDisk": boot ?? .null,
      "tagCount": .integer(Int64(inputs.mapping.tags.count)), "preparation": .string(inputs.preparation.rawValue),
      "prepared": .bool(preparation.planned), "notPreparable": Self.json(inputs.guest.whyNotPreparable),
      "unmappedNetworks": Self.json(unmappedNetworks), "missingModules": .array(missingModules),
      "missingDrivers": Self.json(missingDrivers(early: true)),
      "missingLaterDrivers": Self.json(missingDrivers(early: false)),
      "missingAtBoot": .array(missingAtBoot), "unfitKernels": .array(unfitKernels),
      "missingLateModules": .array(missingLateModules),
      "archOffered": .bool(document.boot.contains { $0.arch == hardware.arch }),
      "freeBytes": ["root": Self.json(free["/"]), "boot": Self.json(free["/boot"])],
      "freeInodes": ["root": Self.json(inodes["/"]), "boot": Self.json(inodes["/boot"])],
      "staticInterfaces": Self.json(fixed), "identity": Self.json(inputs.mapping.identity),
      "addressesMapped": .bool(
        inputs.mapping.nics?.values.contains { $0.addresses != nil || $0.dhcp == true } ?? false),
      "pathlessDisks": .array(pathlessDisks),
    ]
  }

  /// Disks for which there is no way to the platform, each with the ways that were looked at.
  private var pathlessDisks: [JSONValue] {
    disks.filter { !$0.path.isPossible }.map { disk -> JSONValue in
      let reasons = disk.path.rejected.map { "\($0.path): \($0.reason)" }.joined(separator: "\n")
      return [
        "index": .integer(Int64(disk.index)),
        "reasons": .string(reasons.isEmpty ? "\(document.displayName) accepts no form of disk" : reasons),
      ]
    }
  }

  private var unmappedNetworks: [String] {
    guard document.inventory.contains(where: { $0.kind == "network" }) else { return [] }
    let mapped = inputs.mapping.networks
    guard mapped["*"] == nil else { return [] }
    let names = inputs.machine.nics.compactMap { nic -> String? in
      if inputs.mapping.nics?[String(nic.index)]?.network != nil { return nil }
      let network = nic.network ?? ""
      return mapped[network] == nil ? (network.isEmpty ? "(unnamed)" : network) : nil
    }
    return Set(names).sorted()
  }

  /// Drivers of the plan's needs that cannot be had.
  private func missingDrivers(early: Bool) -> [String] {
    let names = preparation.needs.filter { ($0.initramfs || $0.controllers != nil) == early }.flatMap(\.need)
    return Set(names.filter(inputs.unavailableDrivers.contains)).sorted()
  }

  /// Kernels that cannot be given what they need before the root disk is mounted.
  private var missingModules: [JSONValue] {
    let early = preparation.needs.filter(\.initramfs).flatMap(\.need)
    let kernels = inputs.guest?.kernels ?? []
    let passedOver = Set(fitness.obstacles.filter(\.isPassedOver).map(\.index))
    return kernels.indices.filter { !passedOver.contains($0) }.map { kernels[$0] }.compactMap { kernel in
      guard let modules = kernel.modules else { return nil }
      let known = Set((modules + kernel.drivers).map { $0.replacing("-", with: "_") })
      let missing = early.filter { !known.contains($0.replacing("-", with: "_")) }
      return missing.isEmpty
        ? nil : ["kernel": .string(kernel.version), "modules": .string(missing.joined(separator: ", "))]
    }
  }

  /// Modules that kernels lack altogether and that are needed only once the root disk is mounted.
  private var missingLateModules: [JSONValue] {
    guard let guest = inputs.guest, guest.understood, guest.family == "linux" else { return [] }
    let network = hardware.nicModel.map { document.drivers.network($0, guest) } ?? []
    let others = document.drivers.applying(to: guest, controllers: Set(hardware.controllers)).filter {
      !$0.initramfs && $0.nics == nil
    }
    func rows(_ names: [String], isNetwork: Bool) -> [JSONValue] {
      let first = Set(guest.missingModules(names, byDefault: true).map(\.kernel))
      return guest.missingModules(names).map { row in
        [
          "kernel": .string(row.kernel), "modules": .string(row.modules.joined(separator: ", ")),
          "network": .bool(isNetwork), "byDefault": .bool(first.contains(row.kernel)),
        ]
      }
    }
    return rows(network, isNetwork: true) + rows(others.flatMap(\.need), isNetwork: false)
  }

  private var fitness: KernelFitness {
    let isLinux = inputs.guest?.family == "linux"
    return KernelFitness(
      isLinux ? inputs.guest?.kernels ?? [] : [], needs: preparation.needs.filter(\.initramfs).flatMap(\.need))
  }

  /// Kernels that lack a driver and can be given none.
  private var unfitKernels: [JSONValue] {
    fitness.obstacles.map { obstacle in
      [
        "kernel": .string(obstacle.kernel), "kind": .string(obstacle.kind.rawValue),
        "detail": .string(obstacle.detail), "passedOver": .bool(obstacle.isPassedOver),
      ]
    }
  }

  /// What the guest starts with, as it is, that lacks a driver for the planned hardware.
  private var missingAtBoot: [JSONValue] {
    guard let guest = inputs.guest, guest.understood else { return [] }
    let early = document.drivers.applying(to: guest, controllers: Set(hardware.controllers)).filter(\.initramfs)
      .flatMap(\.need)
    func row(_ place: String, has drivers: [String]) -> JSONValue? {
      let known = Set(drivers.map { $0.replacing("-", with: "_").lowercased() })
      let missing = early.filter { !known.contains($0.replacing("-", with: "_").lowercased()) }
      return missing.isEmpty ? nil : ["where": .string(place), "drivers": .string(missing.joined(separator: ", "))]
    }
    if let drivers = guest.drivers { return [row(guest.productName ?? "The system", has: drivers)].compactMap(\.self) }
    return guest.kernels.compactMap { row("Kernel \($0.version)", has: $0.drivers) }
  }

  private static func json(_ value: (some Encodable)?) -> JSONValue {
    guard let value else { return .null }
    return (try? JSONValue.encoding(value)) ?? .null
  }
}
