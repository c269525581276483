import ConnectorKit
import ConnectorProtocol

extension MachinePlan {
  /// What its disks and network interfaces are attached by.
  var devices: MachineHardware {
    let last = disks.map(\.index).max() ?? -1
    return MachineHardware(
      controllers: (0..<last + 1).map { index in
        disks.first { $0.index == index }?.controller.rawValue ?? ""
      }, nicModel: nics.first?.model.rawValue)
  }

  /// The same machine with its disks and network interfaces attached otherwise.
  ///
  /// The mainboard stays where the controllers allow it: to the guest another one is another computer.
  ///
  /// - Throws: `mappingInvalid` where that cannot be had here.
  func attached(by hardware: MachineHardware) throws -> MachinePlan {
    var findings = Findings()
    var plan = self
    let asked = Hardware(
      firmware: firmware, secureBoot: secureBoot, arch: MachineLimits.architecture, controllers: hardware.controllers)
    for place in plan.disks.indices {
      if let controller: DiskController = findings.controller(ofDisk: disks[place].index, asked) {
        plan.disks[place].controller = controller
      }
    }
    findings.checkRoom(on: plan.disks.map(\.controller))
    if let name = hardware.nicModel, let model: NICKind = findings.nicModel(named: name) {
      for place in plan.nics.indices { plan.nics[place].model = model }
    }
    guard let first = findings.diagnostics.first(where: { $0.severity == .blocker }) else {
      let kinds = plan.disks.map(\.controller)
      plan.board = kinds.contains(.ide) ? .pc : kinds.contains(.sata) ? .q35 : board
      return plan
    }
    throw ConnectorError(
      .mappingInvalid, first.summary, remedy: first.action ?? "Choose other hardware.", outcome: .none,
      diagnostics: findings.diagnostics)
  }
}

extension Findings {
  /// Blockers where a machine cannot have these controllers, one for each disk, at once.
  mutating func checkRoom(on controllers: [DiskController]) {
    for controller in DiskController.allCases {
      guard controllers.count(where: { $0 == controller }) > controller.maxDisks else { continue }
      block(
        "controller.full", "\(controller.rawValue) takes \(controller.maxDisks) disks.", at: "/hardware/controllers",
        action: "Put some of the disks on another controller.")
    }
    if controllers.contains(.ide), controllers.contains(.sata) {
      block(
        "controller.mixed", "ide and sata do not go together: they belong to different mainboards.",
        at: "/hardware/controllers", action: "Use one of the two for all disks.")
    }
  }
}
