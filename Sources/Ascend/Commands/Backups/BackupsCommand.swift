import ArgumentParser

struct BackupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backups", abstract: "The catalog of backups.",
    subcommands: [
      BackupsAdd.self, BackupsList.self, BackupsShow.self, BackupsInspect.self, BackupsFirstStart.self,
      BackupsVerify.self, BackupsDigest.self, BackupsRemove.self,
    ])
}
