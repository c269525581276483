import ConnectorProtocol
import Guests
import Planning

extension LinuxWish {
  /// What the mapping says of the machine's interfaces, and the operator's scripts and packages.
  init(plan: RestorePlan, machine: MachineDescription, options: RestoreOptions) {
    let keepsAddresses = plan.mapping.identity != "renew"
    self.init(
      nics: machine.nics.map { nic in
        let chosen = plan.mapping.nics?[String(nic.index)]
        let addresses = chosen?.addresses ?? []
        let addressing: NetworkWish.Addressing =
          if chosen?.dhcp == true {
            .dhcp
          } else if addresses.isEmpty {
            .keep
          } else {
            .fixed(addresses: addresses, gateway: chosen?.gateway, nameServers: chosen?.nameServers ?? [])
          }
        return NetworkWish(
          index: nic.index, oldMAC: nic.mac, newMAC: chosen?.mac ?? (keepsAddresses ? nic.mac : nil),
          addressing: addressing)
      },
      runScripts: options.runScripts ?? [], firstBootScripts: options.firstBootScripts ?? [],
      packages: options.packages ?? [], initramfs: options.initramfs ?? .append,
      removesAgents: options.removesAgents ?? false)
  }
}
