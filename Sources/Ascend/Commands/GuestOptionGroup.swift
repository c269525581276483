public import ArgumentParser
import Foundation
public import Guests
public import Planning
import Restore
import Support

/// What the operator wants done in the guest, alike wherever one is prepared: `plan`, `restore` and `boot-check`.
struct GuestOptionGroup: ParsableArguments {
  @Option(help: "Put into the guest what the target needs (auto), or take its disks as they are (never).")
  var prepare: PreparationMode = .auto

  @Option(
    help: """
      A folder or ISO image with drivers for a Windows guest (virtio-win, or what the platform's vendor ships), beside \
      those in drivers in the state's folder. May be repeated.
      """)
  var drivers: [String] = []

  @Option(
    help: """
      The platform's first choice of controller and network interface that the guest can have drivers for (preferred), or \
      emulated ones that about every guest has drivers for (safe); what the first choice needs is put into the guest all \
      the same, so that the machine can be moved to it later.
      """)
  var hardware: HardwarePolicy = .preferred

  @Option(
    help: "A script to run in a Linux guest's system before it moves, without a network. May be repeated.",
    completion: .file())
  var runScript: [String] = []

  @Option(
    help: """
      A script that the guest runs at its first start; for Windows .ps1, .cmd or .bat. Run in their order, each until it \
      succeeds, three times at most. May be repeated.
      """,
    completion: .file())
  var firstbootScript: [String] = []

  @Option(
    help: """
      A package, in the guest's own format (.msi for Windows), that it installs at its first start. May be repeated.
      """,
    completion: .file())
  var agentPackage: [String] = []

  @Option(
    help: """
      How drivers reach a Linux guest's initramfs: append (an archive with them is added; no program of the guest runs), \
      or rebuild (its own tool makes it anew, in minutes; appended where that cannot be).
      """)
  var initramfs: InitramfsMethod = .append

  @Flag(
    help: "Remove other platforms' agents from a Linux guest with its package manager; else they are switched off.")
  var removeAgents = false

  /// The job may run in another folder than the one it was asked for in.
  func apply(to options: inout RestoreOptions, state: StateDirectory) throws(AscendError) {
    func absolute(_ paths: [String]) -> [String]? {
      paths.isEmpty ? nil : paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    }
    options.prepare = prepare
    options.drivers = try DriverPaths.read(drivers, state: state)
    options.hardware = hardware
    options.runScripts = absolute(runScript)
    options.firstBootScripts = absolute(firstbootScript)
    options.packages = absolute(agentPackage)
    options.initramfs = initramfs == .append ? nil : initramfs
    options.removesAgents = removeAgents ? true : nil
  }
}

extension PreparationMode: ExpressibleByArgument {}

extension HardwarePolicy: ExpressibleByArgument {}

extension InitramfsMethod: ExpressibleByArgument {}
