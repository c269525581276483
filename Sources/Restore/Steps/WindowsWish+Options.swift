import Backups
import ConnectorProtocol
import Guests
import Support

extension WindowsWish {
  /// What a restore asks of a Windows guest: the drivers that the operator named, and the mapping's addresses.
  init(
    _ options: RestoreOptions, machine: MachineDescription, document: CapabilityDocument
  ) throws(AscendError) {
    self.init(
      drivers: try DriverIndex(options.drivers ?? []), platformDrivers: document.drivers.flatMap(\.need))
    for (key, nic) in options.mapping.nics ?? [:] {
      guard let index = Int(key), let addresses = nic.addresses, !addresses.isEmpty else { continue }
      // Without a hardware address that is known beforehand the interface is found by its place.
      let kept = options.mapping.identity == "renew" ? nil : machine.nics.first { $0.index == index }?.mac
      self.addresses.append(
        AddressWish(
          mac: nic.mac ?? kept, index: index, addresses: addresses, gateway: nic.gateway,
          nameServers: nic.nameServers ?? []))
    }
    self.addresses.sort { $0.index < $1.index }
  }
}
