import ConnectorProtocol
import Guests
import Support

extension WindowsWish {
  /// What a restore asks of a Windows guest: the drivers, scripts and packages that the operator named, and the mapping's
  /// addresses.
  init(
    _ options: RestoreOptions, machine: MachineDescription, document: CapabilityDocument
  ) throws(AscendError) {
    self.init(
      drivers: try DriverIndex(options.drivers ?? []), nics: NetworkWish.all(options.mapping, machine: machine),
      platformDrivers: document.drivers.flatMap(\.need), runScripts: options.runScripts ?? [],
      firstBootScripts: options.firstBootScripts ?? [], packages: options.packages ?? [])
  }
}
