import ArgumentParser
import Backups
import Restore
import Support

struct BackupsList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The backups in the catalog.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let backups = try options.openStore().backups()
    guard !options.json else { return try Console.json(backups) }
    var table = Table(["id", "name", "platform", "kind", "disks", "size", "path"])
    for backup in backups {
      table.add([
        backup.id, backup.name, backup.sourcePlatform, backup.kind, String(backup.backup.disks.count),
        Format.bytes(backup.virtualSizeBytes), backup.path,
      ])
    }
    Console.out(table.text)
  }
}
