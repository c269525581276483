import ArgumentParser
import Restore
import Support

struct BackupsList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The backups in the catalog.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let backups = try options.openStore().backupList()
    guard !options.json else { return try Console.json(backups) }
    var table = Table(["id", "name", "platform", "kind", "disks", "points", "size", "path"])
    for backup in backups {
      table.add([
        backup.id, backup.name, backup.sourcePlatform, backup.kind, String(backup.disks), String(backup.points),
        Format.bytes(backup.virtualSizeBytes), backup.path,
      ])
    }
    Console.out(table.text)
  }
}
