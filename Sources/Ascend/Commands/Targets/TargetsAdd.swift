import ArgumentParser
import ConnectorProtocol
import Connectors
import Foundation
import Restore
import Support

struct TargetsAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a place to restore to.",
    discussion: """
      The keys of the configuration file are the platform's: see `ascend connectors show PLATFORM`. Members that the \
      platform marks as secret are kept apart from the rest, in a file that only you can read.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "A name for it: letters, digits, dots, hyphens and underscores.")
  var name: String

  @Option(help: "The platform: the id of a connector.")
  var platform: String

  @Option(help: "Its configuration, JSON or YAML.", completion: .file())
  var config: String?

  func validate() throws {
    guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\-]{0,62}/) != nil else {
      throw ValidationError(
        "'\(name)' is no name for a target: use 1 to 63 letters, digits, dots, hyphens and underscores.")
    }
  }

  func run() async throws {
    let engine = try options.engine()
    let installation = try engine.connectors.find(platform)
    let configuration = try config.map { try ConfigurationFile.read($0) } ?? [:]
    let parts = TargetConfiguration(configuration, schema: installation.document.connection)
    let target = TargetRecord(
      id: TimeOrderedUUID.make(), name: name, platform: platform, config: parts.open,
      secretNames: parts.secrets.keys.sorted(), createdAt: Date())
    try await refuseInvalid(target, engine)
    try engine.store.addTarget(target)
    do {
      try Secrets(state: engine.state).keep(parts.secrets, for: target.id)
    } catch {
      try engine.store.removeTarget(target)
      throw error
    }
    if options.json { try Console.json(target) } else { Console.note("Target \(name) is added") }
  }

  /// The connector itself says whether the configuration is well-formed; nothing is kept of one that is not.
  private func refuseInvalid(_ target: TargetRecord, _ engine: RestoreEngine) async throws(AscendError) {
    let diagnostics = try await engine.validate(target)
    for diagnostic in diagnostics where diagnostic.severity != .blocker {
      Console.note("\(diagnostic.severity): \(diagnostic.summary)")
    }
    let blockers = diagnostics.filter { $0.severity == .blocker }
    guard blockers.isEmpty else {
      throw AscendError(
        "config.invalid", "The configuration does not fit the platform", object: config ?? target.name,
        cause: blockers.map { ($0.at.map { "\($0): " } ?? "") + $0.summary }.joined(separator: "; "),
        remedy: blockers.compactMap(\.action).first ?? "See `ascend connectors show \(platform)`")
    }
  }
}
