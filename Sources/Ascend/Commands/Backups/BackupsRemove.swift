import ArgumentParser
import Restore

struct BackupsRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Take a backup out of the catalog. Its files stay.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "Its id, name or path.")
  var backup: String

  func run() throws {
    let store = try options.openStore()
    let record = try store.backup(backup, points: false)
    try store.removeBackup(record)
    if options.json { try Console.json(record) } else { Console.note("\(record.name) is out of the catalog") }
  }
}
