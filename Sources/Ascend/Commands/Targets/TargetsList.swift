import ArgumentParser
import Restore

struct TargetsList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The targets.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let targets = try options.openStore().targets()
    guard !options.json else { return try Console.json(targets) }
    var table = Table(["name", "platform", "added"])
    for target in targets { table.add([target.name, target.platform, "\(target.createdAt)"]) }
    Console.out(table.text)
  }
}
