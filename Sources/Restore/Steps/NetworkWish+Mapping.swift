import ConnectorProtocol
import Guests

extension NetworkWish {
  /// What the mapping wants of each of the machine's interfaces.
  static func all(_ mapping: Mapping, machine: MachineDescription) -> [NetworkWish] {
    let keepsAddresses = mapping.identity != "renew"
    return machine.nics.map { nic in
      let chosen = mapping.nics?[String(nic.index)]
      let addresses = chosen?.addresses ?? []
      let addressing: NetworkWish.Addressing =
        if chosen?.dhcp == true {
          .dhcp
        } else if addresses.isEmpty {
          .keep
        } else {
          .fixed(addresses: addresses, gateway: chosen?.gateway, nameServers: chosen?.nameServers ?? [])
        }
      // Without a hardware address that is known beforehand the interface is found by its place.
      return NetworkWish(
        index: nic.index, oldMAC: nic.mac, newMAC: chosen?.mac ?? (keepsAddresses ? nic.mac : nil),
        addressing: addressing)
    }
  }
}
