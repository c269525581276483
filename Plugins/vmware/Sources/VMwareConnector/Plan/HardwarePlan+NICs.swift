import ConnectorKit
import ConnectorProtocol

extension HardwarePlan {
  /// The network interfaces; `network` finds the target network of a name, or says why it cannot be.
  func nics(
    _ findings: inout Findings,
    network: (_ wish: String?, _ nic: Int, inout Findings) -> (name: String, backing: MachinePlan.Backing)?
  ) -> [MachinePlan.NIC] {
    guard let kind = findings.nicModel(request, otherwise: NICKind.vmxnet3) else { return [] }
    return request.machine.nics.compactMap { nic in
      let chosen = request.mapping.nics?[String(nic.index)]
      let wish =
        chosen?.network ?? nic.network.flatMap { request.mapping.networks[$0] } ?? request.mapping.networks["*"]
      guard let found = network(wish, nic.index, &findings) else { return nil }
      return MachinePlan.NIC(
        index: nic.index, kind: kind, mac: mac(nic, chosen?.mac, &findings), connected: nic.connected,
        backing: found.backing, network: found.name)
    }
  }

  private func mac(
    _ nic: MachineDescription.NIC, _ asked: String?, _ findings: inout Findings
  ) -> String? {
    guard let asked else { return identity.mac(nic.mac) }
    guard let mac = MACAddress.unicast(asked) else {
      findings.block(
        "mapping.mac", "'\(asked)' is no address of a network interface.", at: "/mapping/nics/\(nic.index)/mac",
        action: "Write it like 00:50:56:01:02:03.")
      return nil
    }
    return mac
  }
}
