import ArgumentParser
import Backups
import Foundation
import Restore
import Support

struct BackupsAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Read a backup and add it to the catalog.",
    discussion: """
      PATH is an OVA, an OVF or its folder, or a folder with a backup.json. What it is is found out by looking at it. \
      The backup stays where it is and is never written to.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup.", completion: .file())
  var path: String

  @Option(help: "The name to give it in the catalog.")
  var name: String?

  func run() async throws {
    let store = try options.openStore()
    var backup = try await BackupReader.read(URL(fileURLWithPath: path).standardizedFileURL.path)
    if let name { backup.name = name }
    let record = try store.addBackup(backup, fingerprint: BackupFingerprint.of(backup))
    if options.json {
      try Console.json(record)
    } else {
      Console.out(BackupText.summary(record))
    }
  }
}
