import ConnectorProtocol
import Foundation
import Support

/// Holds a machine against the platform's limits.
struct Compatibility {
  let inputs: PlannerInputs
  let name: String
  let cpuCount: Int
  let memoryBytes: Int64
  /// The size that each disk will have there, in order.
  let diskSizes: [Int64]

  func check() -> [Diagnostic] {
    sizes() + counts() + naming() + bootDisk() + networks() + guest()
  }

  private var document: CapabilityDocument { inputs.document }

  private func sizes() -> [Diagnostic] {
    var found: [Diagnostic] = []
    if let max = document.limits.cpuMax, cpuCount > max {
      found.append(
        blocker(
          "cpu.tooMany", "The machine has \(cpuCount) processors, and the platform allows \(max)",
          at: "/machine/cpu/count",
          action: "Set cpuCount in the mapping to \(max) or less"))
    }
    if let max = document.limits.memoryMaxBytes, memoryBytes > max {
      found.append(
        blocker(
          "memory.tooLarge",
          "The machine has \(Format.bytes(memoryBytes)) of memory, and the platform allows \(Format.bytes(max))",
          at: "/machine/memoryBytes", action: "Set memoryBytes in the mapping to \(max) or less"))
    }
    return found
  }

  private func counts() -> [Diagnostic] {
    var found: [Diagnostic] = []
    let machine = inputs.machine
    if inputs.disks.isEmpty {
      found.append(
        blocker("disk.none", "The backup holds no disk", at: "/machine/disks", action: "Choose another backup"))
    }
    if let max = document.disks.maxCount, machine.disks.count > max {
      found.append(
        blocker(
          "disk.tooMany", "The machine has \(machine.disks.count) disks, and the platform allows \(max)",
          at: "/machine/disks", action: "Choose another target"))
    }
    let nics = document.nics.map(\.max).max() ?? 0
    let max = min(document.limits.nicMax ?? nics, nics)
    if machine.nics.count > max {
      found.append(
        blocker(
          "nic.tooMany", "The machine has \(machine.nics.count) network interfaces, and the platform allows \(max)",
          at: "/machine/nics", action: "Choose another target"))
    }
    if let max = document.limits.tagMax, inputs.mapping.tags.count > max {
      found.append(
        blocker(
          "tag.tooMany", "The mapping sets \(inputs.mapping.tags.count) tags, and the platform allows \(max)",
          at: "/mapping/tags", action: "Set fewer tags"))
    }
    return found
  }

  private func naming() -> [Diagnostic] {
    var found: [Diagnostic] = []
    if name.isEmpty {
      found.append(blocker("name.missing", "The machine has no name", at: "/name", action: "Give it one with --name"))
    }
    if let max = document.limits.nameMax, name.count > max {
      found.append(
        blocker(
          "name.tooLong", "The name \(name) has \(name.count) characters, and the platform allows \(max)", at: "/name",
          action: "Give it a shorter one with --name"))
    }
    guard let pattern = document.limits.namePattern, !name.isEmpty else { return found }
    guard let expression = try? Regex(pattern) else {
      let summary = "The platform's pattern for names cannot be read, so the name was not checked against it"
      return found + [Diagnostic(severity: .warning, code: "name.unchecked", summary: summary, detail: pattern)]
    }
    if name.prefix(1024).firstMatch(of: expression) == nil {
      found.append(
        blocker(
          "name.notAllowed", "The platform does not allow the name \(name)", at: "/name",
          detail: "Names there match \(pattern)", action: "Give it another one with --name"))
    }
    return found
  }

  private func bootDisk() -> [Diagnostic] {
    let disks = inputs.machine.disks
    guard let place = disks.firstIndex(where: \.boot) ?? disks.indices.first, diskSizes.indices.contains(place),
      let max = document.disks.bootMaxBytes, diskSizes[place] > max
    else { return [] }
    return [
      blocker(
        "disk.bootTooLarge",
        "The boot disk has \(Format.bytes(diskSizes[place])), and the platform starts from at most \(Format.bytes(max))",
        at: "/disks/\(place)", action: "Choose another target, or make the disk smaller before it is backed up")
    ]
  }

  private func networks() -> [Diagnostic] {
    guard document.inventory.contains(where: { $0.kind == "network" }) else { return [] }
    let mapped = inputs.mapping.networks
    guard mapped["*"] == nil else { return [] }
    let unmapped = Set(
      inputs.machine.nics.compactMap { nic in
        let network = nic.network ?? ""
        return mapped[network] == nil ? (network.isEmpty ? "(unnamed)" : network) : nil
      })
    return unmapped.sorted().map { network in
      Diagnostic(
        severity: .warning, code: "network.unmapped",
        summary: "The network \(network) is not mapped: the connector's default is used", at: "/mapping/networks",
        action: "Name the target network under networks in the mapping")
    }
  }

  private func guest() -> [Diagnostic] {
    guard inputs.preparation == .auto, let reason = inputs.guest.whyNotPreparable else { return [] }
    return [
      Diagnostic(
        severity: .warning, code: "guest.notPreparable",
        summary: "The guest will not be prepared for the new hardware: \(reason)",
        detail: "Its disks are moved as they are; whether it starts depends on the drivers that it has",
        action: "After the restore check that the machine starts")
    ]
  }

  private func blocker(
    _ code: String, _ summary: String, at: String, detail: String? = nil, action: String
  ) -> Diagnostic {
    Diagnostic(severity: .blocker, code: code, summary: summary, detail: detail, at: at, action: action)
  }
}
