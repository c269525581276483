import ArgumentParser
import ConnectorProtocol
import Connectors
import Restore
import Support

struct TargetsCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Can the target be reached, and is it ready for work?")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The target's name.")
  var name: String

  func run() async throws {
    let engine = try options.engine()
    let check = try await engine.check(engine.store.target(name))
    if options.json {
      try Console.json(check)
    } else {
      Console.out("\(name): \(check.state) (\(check.endpoint.product) \(check.endpoint.version))")
      for diagnostic in check.diagnostics {
        Console.out("  \(diagnostic.severity): \(Sentences.joined([diagnostic.summary, diagnostic.action]))")
      }
    }
    guard check.state == .ready else { throw ExitCode(ExitStatus.failed) }
  }
}
