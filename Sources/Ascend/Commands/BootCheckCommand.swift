import ArgumentParser
import ConnectorProtocol
import Guests
import Planning
import Restore
import Support

struct BootCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot-check",
    abstract: "Boot a backup on a platform's hardware, here, and throw the copy away.",
    discussion: """
      The guest is prepared in an overlay as for a restore, and booted in QEMU on the controllers and network \
      interfaces that the platform's connector declares, as far as QEMU has them. Neither the backup nor the platform \
      is touched. The serial log and a picture of the screen are kept in the state's folder. Scripts and packages for \
      the first start are run in the copy, without a network.

      Exit codes: 0 proven, 1 the guest does not start, 3 it cannot be told here.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  @Option(name: .customLong("for"), help: "The platform whose hardware it is booted on, by the name of its connector.")
  var platform: String

  @Option(help: "A mapping, JSON or YAML; its controller, NIC model, firmware and size count.", completion: .file())
  var map: String?

  @Option(help: "A file of preflight rules, JSON or YAML, beside rules.yaml in the state's folder. May be repeated.")
  var rules: [String] = []

  @OptionGroup var guest: GuestOptionGroup

  @OptionGroup var keys: KeyOptionGroup

  @Option(help: "Seconds after which the boot is given up. Default: 300 with KVM, 900 without.")
  var timeout: Int?

  func validate() throws {
    if let timeout, timeout < 1 { throw ValidationError("--timeout is a whole number of seconds from 1 on") }
  }

  func run() async throws {
    let engine = try options.engineWithKeys()
    let file = try MappingFile(map)
    let limits = timeout.map { BootLimits(total: .seconds($0), still: .seconds($0)) }
    let state = try options.openState()
    var wish = RestoreOptions(mapping: file.mapping, rules: try RuleFiles.read(rules, state: state))
    try guest.apply(to: &wish, state: state)
    wish.keys = try keys.references(with: file)
    let report = try await engine.bootCheck(
      backup: engine.store.backup(backup), platform: platform, options: wish, limits: limits
    ) { if Console.isInteractive { Console.note($0) } }
    if options.json { try Console.json(report) } else { Console.out(report.text) }
    switch report.proof.verdict {
    case .proven: break
    case .failed: throw ExitCode(ExitStatus.failed)
    case .notProvable: throw ExitCode(ExitStatus.blocked)
    }
  }
}
