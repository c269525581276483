public import ArgumentParser
import ConnectorProtocol
public import Planning
import Restore
import Support

/// What `plan` and `restore` take alike.
struct RestoreOptionGroup: ParsableArguments {
  @Argument(help: "The backup's id, name or path.")
  var backup: String

  @Option(help: "A mapping onto the target's inventory, JSON or YAML.", completion: .file())
  var map: String?

  @Option(help: "The machine's name on the target. Default: the backup's.")
  var name: String?

  @Option(help: "A file of preflight rules, JSON or YAML, beside rules.yaml in the state's folder. May be repeated.")
  var rules: [String] = []

  @Option(
    help: """
      A folder or ISO image with drivers for a Windows guest (virtio-win, or what the platform's vendor ships), beside \
      those in drivers in the state's folder. May be repeated.
      """)
  var drivers: [String] = []

  @Option(help: "Put into the guest what the target needs (auto), or deliver its disks as they are (never).")
  var prepare: PreparationMode = .auto

  func options(
    _ global: GlobalOptions, start: Bool = true, keepOnFailure: Bool = false, bootProof: Bool = false
  ) throws(AscendError) -> RestoreOptions {
    let mapping = try map.map { path throws(AscendError) in try ConfigurationFile.read(path, as: Mapping.self) }
    return RestoreOptions(
      name: name, mapping: mapping ?? Mapping(), prepare: prepare, start: start, keepOnFailure: keepOnFailure,
      bootProof: bootProof, rules: try RuleFiles.read(rules, state: global.openState()),
      drivers: try DriverPaths.read(drivers, state: global.openState()))
  }
}

extension PreparationMode: ExpressibleByArgument {}
