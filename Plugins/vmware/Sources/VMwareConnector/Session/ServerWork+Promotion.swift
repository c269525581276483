import ConnectorKit
import ConnectorProtocol

extension ServerWork {
  /// Attaches the disks and network interfaces of a machine that is there already by other hardware.
  func promote(
    _ plan: MachinePlan, _ request: MachinePromote, _ operation: OperationContext
  ) async throws -> MachinePromote.Result {
    let machine = try await restored(request.machine, by: request.job)
    let name = request.machine.name
    let wanted = try plan.attached(by: request.hardware)
    operation.progress(phase: "promote", done: 0, total: 1, unit: "steps")
    return try await Failure.translating("Changing the hardware of '\(name)'", outcome: .none) {
      let editor = MachineEditor(client: client, plan: wanted)
      let layout = HardwareLayout(devices: try await editor.devices(of: machine.reference))
      guard let now = layout.places(of: plan, or: wanted) else {
        throw HardwareEdit.inTheWay(
          name, "its disks are not where the restore has put them: somebody has changed it since",
          remedy: "Change the machine on the server by hand.")
      }
      let models = layout.nics.map(\.kind.rawValue)
      let previous = MachineHardware(controllers: now.controllers, nicModel: models.first)
      // Without network interfaces there are none to change.
      let model = models.isEmpty ? nil : request.hardware.nicModel ?? previous.nicModel
      let result = MachinePromote.Result(
        hardware: MachineHardware(controllers: wanted.controllers, nicModel: model), previous: previous)
      let changesNICs = request.hardware.nicModel.map { wish in models.contains { $0 != wish } } ?? false
      guard result.changed || changesNICs else { return result }
      guard !machine.isOn else {
        throw HardwareEdit.inTheWay(name, "it is running", remedy: "Switch it off and retry.")
      }
      var edit = HardwareEdit(layout: layout, places: now.places, wanted: wanted)
      let changes = try edit.changes(
        controllers: previous.controllers != result.hardware.controllers, nics: changesNICs)
      try await editor.reconfigure(machine.reference, ["deviceChange": .list(changes)])
      try await MachineEditor(client: client, plan: edit.wanted).setBootOrder(machine.reference)
      try await checkAddresses(before: layout, machine, operation)
      return result
    }
  }

  /// The server may give another address where it takes one for a duplicate; a person should know.
  private func checkAddresses(
    before: HardwareLayout, _ machine: MachineStore.Found, _ operation: OperationContext
  ) async throws {
    func addresses(_ layout: HardwareLayout) -> Set<String> {
      Set(layout.nics.compactMap { $0.device.string("macAddress")?.lowercased() })
    }
    let after = try await client.properties(["config.hardware.device"], of: machine.reference)
    let now = HardwareLayout(devices: after["config.hardware.device"]?.items ?? [])
    let lost = addresses(before).subtracting(addresses(now))
    guard !lost.isEmpty else { return }
    operation.diagnostic(
      Diagnostic(
        severity: .warning, code: "nic.address",
        summary: "The server did not keep the MAC addresses \(lost.sorted().joined(separator: ", ")).",
        action: "Set them on the server, or adapt what knows the machine by them."))
  }
}
