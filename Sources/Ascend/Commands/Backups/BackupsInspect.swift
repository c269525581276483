import ArgumentParser
import Restore

struct BackupsInspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Look inside the guest, without changing it.",
    discussion: "What is found is kept with the backup and used by `plan` and `restore`.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  @Flag(help: "Look again, even if it was inspected before.")
  var again = false

  @OptionGroup var keys: KeyOptionGroup

  func run() async throws {
    let engine = try options.engineWithKeys()
    let facts = try await engine.planning.guestFacts(
      of: engine.store.backup(backup), again: again, keys: keys.references() ?? []
    ) {
      if Console.isInteractive { Console.note($0) }
    }
    guard !options.json else { return try Console.json(facts) }
    Console.out(GuestText.facts(facts))
  }
}
