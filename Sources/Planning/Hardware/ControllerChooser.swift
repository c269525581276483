import ConnectorProtocol

/// A controller for each disk: the platform's first choice that the guest has, or will get, the drivers for.
struct ControllerChooser {
  struct Choice {
    /// `CapabilityDocument.Controller.id`, by place of the disk.
    var byDisk: [String]
    var remarks: HardwareRemarks.Controller
  }

  /// Buses for which about every guest has a driver from the start, as far as that can be said of any; best first.
  private static let universal = ["sata", "ahci", "ide"]

  let question: HardwareQuestion
  let firmware: FirmwareType

  func choose() -> Choice {
    let offered = question.document.controllers.filter { $0.firmware?.contains(firmware) ?? true }
    var remarks = HardwareRemarks.Controller()
    remarks.offered = offered.filter(\.bootable).map(\.id)
    let order: [CapabilityDocument.Controller]
    if let name = question.mapping.controller {
      order = offered.filter { $0.id == name || $0.bus == name }
      if !order.contains(where: \.bootable) { remarks.asked = name }
    } else {
      order = ranked(offered, &remarks)
    }
    let first = order.first(where: \.bootable)
    (remarks.first, remarks.firstBus) = (first?.id, first?.bus)
    return place(order, remarks)
  }

  /// Disks in order, each on the first controller that has room; the first disk only on one that can start a machine.
  private func place(_ order: [CapabilityDocument.Controller], _ found: HardwareRemarks.Controller) -> Choice {
    var room = Dictionary(order.map { ($0.id, $0.maxDisks) }, uniquingKeysWith: max)
    var remarks = found
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
    // Where there is no controller at all, that is what is to be said.
    if remarks.first != nil { remarks.unplacedDisks = question.machine.disks.count - chosen.count }
    return Choice(byDisk: byDisk, remarks: remarks)
  }

  private func ranked(
    _ offered: [CapabilityDocument.Controller], _ remarks: inout HardwareRemarks.Controller
  ) -> [CapabilityDocument.Controller] {
    if let guest = question.preparableGuest {
      let usable = offered.filter { canGet($0, guest) || hasAlready($0, guest) || isUsedToday($0) }
      guard let first = usable.first(where: \.bootable) else {
        remarks.unproven = "the drivers it needs cannot be had"
        return offered
      }
      if question.policy == .safe {
        return emulatedFirst(usable, moving: canBeGiven(first, guest) ? first : nil, &remarks)
      }
      if let better = offered.first(where: \.bootable), better.id != first.id {
        remarks.passedOver = better.id
        remarks.passedOverDrivers = needs(of: better, guest).flatMap(\.need)
          .filter(question.unavailableDrivers.contains)
      }
      return usable
    }
    if question.policy == .safe, emulated(offered).contains(where: \.bootable) {
      return emulatedFirst(offered, moving: nil, &remarks)
    }
    let proven = offered.filter { controller in
      isUsedToday(controller) || (question.guest.map { $0.understood && hasAlready(controller, $0) } ?? false)
    }
    if proven.contains(where: \.bootable) { return proven + offered.filter { !proven.contains($0) } }
    let safe = offered.filter { Self.universal.contains($0.bus) }
    remarks.unproven =
      question.guest?.understood == true
      ? "the guest has a driver for none of the platform's controllers, and is not to be prepared"
      : "the guest is not known well enough to tell which controller it has drivers for"
    return safe + offered.filter { !safe.contains($0) }
  }

  private func emulated(_ offered: [CapabilityDocument.Controller]) -> [CapabilityDocument.Controller] {
    Self.universal.flatMap { bus in offered.filter { $0.bus == bus } }
  }

  /// The order where emulated hardware was asked for, and what the machine can be moved to from there.
  private func emulatedFirst(
    _ usable: [CapabilityDocument.Controller], moving better: CapabilityDocument.Controller?,
    _ remarks: inout HardwareRemarks.Controller
  ) -> [CapabilityDocument.Controller] {
    let safe = emulated(usable)
    guard safe.contains(where: \.bootable) else { return usable }
    remarks.safe = true
    if let better, !safe.contains(better) { remarks.promotable = better.id }
    return safe + usable.filter { !safe.contains($0) }
  }

  /// The drivers that a controller needs can be put into the guest.
  private func canGet(_ controller: CapabilityDocument.Controller, _ guest: GuestFacts) -> Bool {
    needs(of: controller, guest).allSatisfy { question.unavailableDrivers.isDisjoint(with: $0.need) }
  }

  /// The same where the machine would do without: every kernel must have them too.
  private func canBeGiven(_ controller: CapabilityDocument.Controller, _ guest: GuestFacts) -> Bool {
    let names = needs(of: controller, guest).flatMap(\.need).map(GuestFacts.moduleName)
    return canGet(controller, guest)
      && guest.kernels.allSatisfy { kernel in
        guard let modules = kernel.modules else { return true }
        let known = Set((modules + kernel.drivers).map(GuestFacts.moduleName))
        return names.allSatisfy(known.contains)
      }
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
}
