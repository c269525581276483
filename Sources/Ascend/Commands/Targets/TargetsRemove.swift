import ArgumentParser
import Restore
import Support

struct TargetsRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Forget a target and its secrets. What was restored there stays.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "Its name.")
  var name: String

  func run() throws {
    let state = try options.openState()
    let store = try Store(path: state.database)
    let target = try store.target(name)
    try store.removeTarget(target)
    Secrets(state: state).forget(target.id)
    if options.json { try Console.json(target) } else { Console.note("Target \(name) is removed") }
  }
}
