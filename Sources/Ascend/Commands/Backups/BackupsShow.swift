import ArgumentParser
import Restore

struct BackupsShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "One backup, whole.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "Its id, name or path; with @POINT, one of its restore points.")
  var backup: String

  func run() throws {
    let record = try options.openStore().backup(backup)
    guard !options.json else { return try Console.json(record) }
    Console.out(BackupText.summary(record))
    if let guest = record.guest { Console.out(GuestText.facts(guest)) }
  }
}
