import ConnectorProtocol
import Guests
import Planning

extension BootHardware {
  /// The hardware that a plan gives the machine, in the words of the connector's capability document.
  init(plan: RestorePlan, document: CapabilityDocument, machine: MachineDescription) {
    let buses = Dictionary(document.controllers.map { ($0.id, $0.bus) }, uniquingKeysWith: { first, _ in first })
    let keepsAddresses = plan.mapping.identity != "renew"
    let nics = machine.nics.map { nic in
      NIC(
        model: plan.hardware.nicModel ?? "none",
        mac: plan.mapping.nics?[String(nic.index)]?.mac ?? (keepsAddresses ? nic.mac : nil))
    }
    self.init(
      firmware: plan.hardware.firmware, secureBoot: plan.hardware.secureBoot, arch: plan.hardware.arch,
      cpuCount: plan.cpuCount, memoryBytes: plan.memoryBytes,
      // A controller that the document does not have is named as it is: no device is known for it.
      buses: plan.hardware.controllers.map { buses[$0] ?? $0 }, bootDisk: plan.disks.firstIndex(where: \.boot) ?? 0,
      nics: plan.hardware.nicModel == nil ? [] : nics)
  }
}

extension [DriverNeed] {
  /// With the buses of the controllers in place of their ids: a boot knows of no document.
  func onBuses(of document: CapabilityDocument) -> [DriverNeed] {
    map { need in
      var need = need
      need.controllers = need.controllers.map { ids in
        let buses = document.controllers.filter { ids.contains($0.id) }.map(\.bus)
        return buses.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      }
      return need
    }
  }
}
