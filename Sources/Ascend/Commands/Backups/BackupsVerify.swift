import ArgumentParser
import Backups
import Restore
import Support

struct BackupsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a backup's files: digests, image structure, chains.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path.")
  var backup: String

  func run() async throws {
    let record = try options.openStore().backup(backup)
    let report = try await BackupReader.verify(record.backup) { done, total in
      if Console.isInteractive { Console.note("\(Format.bytes(done)) of \(Format.bytes(total))") }
    }
    if options.json {
      try Console.json(report)
    } else {
      var table = Table(["outcome", "object", "check", "detail"])
      for check in report.checks { table.add([check.outcome.rawValue, check.object, check.kind, check.detail]) }
      Console.out(table.text)
    }
    guard report.passed else { throw ExitCode(ExitStatus.failed) }
  }
}
