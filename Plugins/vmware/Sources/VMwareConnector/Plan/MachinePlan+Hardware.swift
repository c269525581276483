import ConnectorKit
import ConnectorProtocol

extension MachinePlan {
  /// What its disks are attached by, by index.
  var controllers: [String] {
    let last = disks.map(\.index).max() ?? -1
    return (0..<last + 1).map { index in disks.first { $0.index == index }?.controller.rawValue ?? "" }
  }

  /// The same machine with its disks and network interfaces attached otherwise.
  ///
  /// - Throws: `mappingInvalid` where that cannot be had here.
  func attached(by hardware: MachineHardware) throws -> MachinePlan {
    var findings = Findings()
    var plan = self
    let asked = Hardware(
      firmware: firmware, secureBoot: secureBoot, arch: MachineLimits.architecture, controllers: hardware.controllers)
    var places = ControllerPlaces()
    for place in disks.indices {
      guard let controller: DiskController = findings.controller(ofDisk: disks[place].index, asked) else { continue }
      guard let (bus, unit) = places.next(controller) else {
        findings.block(
          "controller.full", "A machine has no room for so many disks on \(controller.rawValue) controllers.",
          at: "/hardware/controllers", action: "Put some of the disks on another controller.")
        continue
      }
      (plan.disks[place].controller, plan.disks[place].bus, plan.disks[place].unit) = (controller, bus, unit)
    }
    if let name = hardware.nicModel, let kind: NICKind = findings.nicModel(named: name) {
      for place in plan.nics.indices { plan.nics[place].kind = kind }
    }
    guard let first = findings.diagnostics.first(where: { $0.severity == .blocker }) else { return plan }
    throw ConnectorError(
      .mappingInvalid, first.summary, remedy: first.action ?? "Choose other hardware.", outcome: .none,
      diagnostics: findings.diagnostics)
  }
}
