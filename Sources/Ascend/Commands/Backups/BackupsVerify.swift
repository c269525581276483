import ArgumentParser
import Backups
import Restore
import Support

struct BackupsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a backup's files: digests, image structure, chains.",
    discussion: """
      With BACKUP@POINT, the content that is compared is that of the restore point. A disk whose content digest is recorded (`backups add --digest`, `backups digest`) is read whole and compared.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  func run() async throws {
    let state = try options.openState()
    let store = try Store(path: state.database)
    let record = try store.backup(backup)
    // The description and all images are those of the whole backup, whichever point was named.
    var report = try await BackupReader.verify(store.backup(record.id).backup) { done, total in
      if Console.isInteractive { Console.note("\(Format.bytes(done)) of \(Format.bytes(total))") }
    }
    let line = ByteProgressLine("comparing")
    defer { line.finish() }
    report.checks += try await DigestService(store: store, state: state).checks(record) { line.show($0, of: $1) }
    line.finish()
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
