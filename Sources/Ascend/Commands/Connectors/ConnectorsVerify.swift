import ArgumentParser
import ConnectorConformance
import ConnectorProtocol
import Foundation
import Restore
import Support

struct ConnectorsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Put a connector through the rules of the protocol.",
    discussion: """
      Runs any executable, in any language, the way the host would, and prints pass or fail for each rule by its number \
      in protocol/README.md. It restores a small test disk to the connector's platform, interrupts and repeats that in \
      every way the protocol names, and removes everything again.

      Exits 0 when every rule that could be tried passed, 1 when one failed.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The connector's executable.", completion: .file())
  var executable: String

  @Option(help: "The connection's configuration, JSON or YAML.", completion: .file())
  var config: String?

  @Option(help: "Target options for the test machine, JSON or YAML.", completion: .file())
  var target: String?

  @Option(
    name: .customLong("group"), help: "Only this group of rules (R3). May be given more than once.")
  var groups: [String] = []

  @Option(help: "Virtual size of the test disk, in MiB.")
  var diskMib: Int = 16

  func validate() throws {
    guard (1...1 << 20).contains(diskMib) else { throw ValidationError("--disk-mib takes 1 to 1048576.") }
  }

  func run() async throws {
    let path = URL(fileURLWithPath: executable).standardizedFileURL.path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw AscendError(
        "connector.notExecutable", "This is no program that can be run", object: path,
        remedy: "Name the connector's executable, not its folder")
    }
    let configuration = try config.map { try ConfigurationFile.read($0) } ?? [:]
    let parts = try TargetConfiguration(configuration, schema: schema(beside: path))
    let kit = ConformanceKit(
      executable: path,
      options: ConformanceOptions(
        connection: parts.open, secrets: parts.secrets,
        target: try target.map { try ConfigurationFile.read($0) } ?? [:],
        diskSizeBytes: Int64(diskMib) << 20, groups: groups.isEmpty ? nil : Set(groups)))
    let asJSON = options.json
    let report = await kit.run { result in if !asJSON { Console.out(Self.line(result)) } }
    if asJSON {
      try Console.json(report)
    } else {
      Console.out(
        "\(report.connector ?? path): \(report.count(.pass)) passed, \(report.count(.fail)) failed, "
          + "\(report.count(.skip)) skipped in \(Format.duration(seconds: report.seconds))")
    }
    guard report.passed else { throw ExitCode(ExitStatus.failed) }
  }

  private static func line(_ result: RuleResult) -> String {
    let status = result.status.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0)
    let rule = result.rule.padding(toLength: 6, withPad: " ", startingAt: 0)
    return "\(status) \(rule) \(result.title)" + (result.detail.isEmpty ? "" : "\n             \(result.detail)")
  }

  /// What the connector's own document marks as secret, where it lies beside the program or above its `bin/`.
  private func schema(beside path: String) throws -> JSONValue {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    for candidate in [folder, folder.deletingLastPathComponent()] {
      let file = candidate.appendingPathComponent("connector.json")
      guard let data = try? Data(contentsOf: file) else { continue }
      return try JSONDecoder().decode(JSONValue.self, from: data)["connection"] ?? [:]
    }
    return [:]
  }
}
