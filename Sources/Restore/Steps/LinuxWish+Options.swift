import ConnectorProtocol
import Guests
import Planning

extension LinuxWish {
  /// What the mapping says of the machine's interfaces, and the operator's scripts and packages.
  init(plan: RestorePlan, machine: MachineDescription, options: RestoreOptions) {
    self.init(
      nics: NetworkWish.all(plan.mapping, machine: machine),
      runScripts: options.runScripts ?? [], firstBootScripts: options.firstBootScripts ?? [],
      packages: options.packages ?? [], initramfs: options.initramfs ?? .append,
      removesAgents: options.removesAgents ?? false)
  }
}
