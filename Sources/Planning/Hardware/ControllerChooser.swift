import ConnectorProtocol

/// A controller for each disk: the platform's first choice that the guest has, or will get, the drivers for.
struct ControllerChooser {
  struct Choice {
    /// `CapabilityDocument.Controller.id`, by place of the disk.
    var byDisk: [String]
    var diagnostics: [Diagnostic]
  }

  /// Buses for which about every guest has a driver from the start, as far as that can be said of any.
  private static let universal: Set<String> = ["sata", "ahci", "ide"]

  let question: HardwareQuestion
  let firmware: FirmwareType

  func choose() -> Choice {
    let offered = question.document.controllers.filter { $0.firmware?.contains(firmware) ?? true }
    let order: [CapabilityDocument.Controller]
    var diagnostics: [Diagnostic] = []
    if let name = question.mapping.controller {
      order = offered.filter { $0.id == name || $0.bus == name }
      diagnostics += asked(name, found: order, offered)
    } else {
      order = ranked(offered, &diagnostics)
    }
    return place(order, diagnostics)
  }

  /// Disks in order, each on the first controller that has room; the first disk only on one that can start a machine.
  private func place(_ order: [CapabilityDocument.Controller], _ found: [Diagnostic]) -> Choice {
    var room = Dictionary(order.map { ($0.id, $0.maxDisks) }, uniquingKeysWith: max)
    var diagnostics = found
    var byDisk: [String] = []
    let boot = question.machine.disks.firstIndex { $0.boot } ?? 0
    // The boot disk chooses first.
    var chosen: [Int: String] = [:]
    for index in question.machine.disks.indices.sorted(by: { ($0 == boot ? -1 : $0) < ($1 == boot ? -1 : $1) }) {
      let fitting = order.first { ($0.bootable || index != boot) && room[$0.id, default: 0] > 0 }
      guard let fitting else { continue }
      room[fitting.id, default: 0] -= 1
      chosen[index] = fitting.id
    }
    for index in question.machine.disks.indices { byDisk.append(chosen[index] ?? "") }
    if chosen.count < question.machine.disks.count, found.allSatisfy({ $0.severity != .blocker }) {
      diagnostics.append(full(unplaced: question.machine.disks.count - chosen.count))
    }
    return Choice(byDisk: byDisk, diagnostics: diagnostics)
  }

  private func ranked(
    _ offered: [CapabilityDocument.Controller], _ diagnostics: inout [Diagnostic]
  ) -> [CapabilityDocument.Controller] {
    if let guest = question.preparableGuest {
      let usable = offered.filter { canGet($0, guest) || hasAlready($0, guest) || isUsedToday($0) }
      if let first = usable.first(where: \.bootable) {
        if let better = offered.first(where: \.bootable), better.id != first.id {
          diagnostics.append(fallback(from: better, to: first, guest))
        }
        return usable
      }
      diagnostics.append(unproven(offered.first { $0.bootable }, "the drivers it needs cannot be had"))
      return offered
    }
    let proven = offered.filter { controller in
      isUsedToday(controller) || (question.guest.map { $0.understood && hasAlready(controller, $0) } ?? false)
    }
    if proven.contains(where: \.bootable) { return proven + offered.filter { !proven.contains($0) } }
    let safe = offered.filter { Self.universal.contains($0.bus) }
    let order = safe + offered.filter { !safe.contains($0) }
    let reason =
      question.guest?.understood == true
      ? "the guest has a driver for none of the platform's controllers, and is not to be prepared"
      : "the guest is not known well enough to tell which controller it has drivers for"
    diagnostics.append(unproven(order.first { $0.bootable }, reason))
    return order
  }

  /// The drivers that a controller needs can be put into the guest.
  private func canGet(_ controller: CapabilityDocument.Controller, _ guest: GuestFacts) -> Bool {
    needs(of: controller, guest).allSatisfy { question.unavailableDrivers.isDisjoint(with: $0.need) }
  }

  private func hasAlready(_ controller: CapabilityDocument.Controller, _ guest: GuestFacts) -> Bool {
    let needs = needs(of: controller, guest)
    // A document that says nothing of this family or controller is no proof.
    guard !needs.isEmpty else { return false }
    return needs.allSatisfy { guest.hasAtBoot($0.need) }
  }

  private func needs(of controller: CapabilityDocument.Controller, _ guest: GuestFacts) -> [DriverNeed] {
    question.document.drivers.applying(to: guest, controllers: [controller.id]).filter { need in
      // What is not for a controller, and not needed before the root disk, decides nothing here.
      need.controllers != nil || need.initramfs
    }
  }

  /// The guest starts from this bus now.
  private func isUsedToday(_ controller: CapabilityDocument.Controller) -> Bool {
    let machine = question.machine
    guard let disk = machine.disks.first(where: \.boot) ?? machine.disks.first, let id = disk.controller else {
      return false
    }
    return machine.controllers.first { $0.id == id }?.bus == controller.bus
  }

  private func asked(
    _ name: String, found: [CapabilityDocument.Controller], _ offered: [CapabilityDocument.Controller]
  ) -> [Diagnostic] {
    guard !found.contains(where: \.bootable) else { return [] }
    let list = offered.filter(\.bootable).map(\.id).joined(separator: ", ")
    return [
      Diagnostic(
        severity: .blocker, code: "controller.notOffered",
        summary: "The platform has no controller \(name) that starts a machine with \(firmware)",
        at: "/mapping/controller", action: list.isEmpty ? nil : "Choose one of \(list)")
    ]
  }

  private func unproven(_ controller: CapabilityDocument.Controller?, _ reason: String) -> Diagnostic {
    guard let controller else {
      return Diagnostic(
        severity: .blocker, code: "controller.notOffered",
        summary: "The platform has no controller that starts a machine with \(firmware)")
    }
    return Diagnostic(
      severity: .warning, code: "controller.unproven",
      summary: "The machine may not find its disks: \(reason)", detail: "It gets \(controller.id) (\(controller.bus))",
      at: "/hardware/controllers",
      action: "Set controller in the mapping to one that the guest has drivers for, or let the guest be prepared")
  }

  /// The platform's first choice is not taken: the machine starts, and can be moved to it once it has the drivers.
  private func fallback(
    from better: CapabilityDocument.Controller, to chosen: CapabilityDocument.Controller, _ guest: GuestFacts
  ) -> Diagnostic {
    let names = needs(of: better, guest).flatMap(\.need).filter(question.unavailableDrivers.contains)
    return Diagnostic(
      severity: .warning, code: "controller.fallback",
      summary: "The machine gets the controller \(chosen.id) instead of \(better.id)",
      detail: "The guest has no driver \(names.joined(separator: ", ")), and no source of drivers has it",
      at: "/hardware/controllers",
      action: "Name the platform's drivers for this guest with --drivers, or install them there after the first start "
        + "and change the controller then")
  }

  private func full(unplaced: Int) -> Diagnostic {
    Diagnostic(
      severity: .blocker, code: "controller.full",
      summary: "The platform's controllers have no room for \(unplaced) of the machine's disks",
      at: "/machine/disks", action: "Choose another controller in the mapping, or another target")
  }
}
