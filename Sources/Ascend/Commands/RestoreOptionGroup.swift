public import ArgumentParser
import ConnectorProtocol
public import Planning
import Restore
import Support

/// What `plan` and `restore` take alike.
struct RestoreOptionGroup: ParsableArguments {
  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  @Option(
    help: "A mapping onto the target's inventory, JSON or YAML; its keys are a list of what --key takes.",
    completion: .file())
  var map: String?

  @Option(help: "The machine's name on the target. Default: the backup's.")
  var name: String?

  @Option(
    help: """
      Whether the machine keeps its UUID and MAC addresses (keep) or gets new ones (renew), as where the old machine still \
      runs. Default: what the mapping says, else keep.
      """)
  var identity: IdentityChoice?

  @Option(help: "A file of preflight rules, JSON or YAML, beside rules.yaml in the state's folder. May be repeated.")
  var rules: [String] = []

  @Option(
    help: """
      A folder or ISO image with drivers for a Windows guest (virtio-win, or what the platform's vendor ships), beside \
      those in drivers in the state's folder. May be repeated.
      """)
  var drivers: [String] = []

  @OptionGroup var keys: KeyOptionGroup

  @Option(help: "Put into the guest what the target needs (auto), or deliver its disks as they are (never).")
  var prepare: PreparationMode = .auto

  func options(
    _ global: GlobalOptions, start: Bool = true, keepOnFailure: Bool = false, bootProof: Bool = false
  ) throws(AscendError) -> RestoreOptions {
    let file = try MappingFile(map)
    var mapping = file.mapping
    if let chosen = mapping.identity, IdentityChoice(rawValue: chosen) == nil {
      throw AscendError(
        "config.invalid", "The mapping's identity is neither keep nor renew", object: map,
        cause: "it is \"\(chosen.prefix(60))\"", remedy: "Write keep or renew, or leave it out, which keeps")
    }
    if let identity { mapping.identity = identity.rawValue }
    var options = RestoreOptions(
      name: name, mapping: mapping, prepare: prepare, start: start, keepOnFailure: keepOnFailure,
      bootProof: bootProof, rules: try RuleFiles.read(rules, state: global.openState()),
      drivers: try DriverPaths.read(drivers, state: global.openState()))
    options.keys = try keys.references(with: file)
    return options
  }
}

extension PreparationMode: ExpressibleByArgument {}

/// What becomes of the machine's UUID and MAC addresses.
enum IdentityChoice: String, ExpressibleByArgument, CaseIterable {
  case keep, renew
}
