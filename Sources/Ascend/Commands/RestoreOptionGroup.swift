import ArgumentParser
import ConnectorProtocol
import Planning
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

  @OptionGroup var guest: GuestOptionGroup

  @OptionGroup var keys: KeyOptionGroup

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
    let state = try global.openState()
    var options = RestoreOptions(
      name: name, mapping: mapping, start: start, keepOnFailure: keepOnFailure, bootProof: bootProof,
      rules: try RuleFiles.read(rules, state: state))
    try guest.apply(to: &options, state: state)
    options.keys = try keys.references(with: file)
    return options
  }
}

/// What becomes of the machine's UUID and MAC addresses.
enum IdentityChoice: String, ExpressibleByArgument, CaseIterable {
  case keep, renew
}
