import ArgumentParser
import Backups
import Restore
import Support

struct BackupsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a backup's files: digests, image structure, chains.",
    discussion: """
      With BACKUP@POINT, the content that is compared is that of the restore point. A disk whose content digest is recorded (`backups add --digest`, `backups digest`, or its first restore) is read whole and compared.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  func run() async throws {
    let engine = try options.engine()
    let record = try engine.store.backup(backup)
    var report = try await structure(of: record, engine)
    let line = ByteProgressLine("comparing")
    defer { line.finish() }
    // What cannot be opened cannot be compared either, and the report says so already.
    if record.backup.origin == nil || report.passed {
      report.checks += try await engine.withDisks(of: record) {
        try await engine.digests.checks($0) { line.show($0, of: $1) }
      }
    }
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

  private func structure(of record: BackupRecord, _ engine: RestoreEngine) async throws -> VerifyReport {
    guard record.backup.origin == nil else { return try await engine.verifyOrigin(of: record) }
    // The description and all images are those of the whole backup, whichever point was named.
    return try await BackupReader.verify(engine.store.backup(record.id).backup) { done, total in
      if Console.isInteractive { Console.note("\(Format.bytes(done)) of \(Format.bytes(total))") }
    }
  }
}
