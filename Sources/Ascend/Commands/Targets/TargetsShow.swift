import ArgumentParser
import ConnectorProtocol
import Foundation
import Restore

struct TargetsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One target. Secrets are named, never shown.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "Its name.")
  var name: String

  func run() throws {
    let target = try options.openStore().target(name)
    guard !options.json else { return try Console.json(target) }
    Console.out("Target \(target.name)\n  platform  \(target.platform)")
    let config = String(decoding: try CanonicalJSON.encodePretty(target.config), as: UTF8.self)
    Console.out("  configuration\n" + config)
    if !target.secretNames.isEmpty { Console.out("  secrets   \(target.secretNames.joined(separator: ", "))") }
  }
}
