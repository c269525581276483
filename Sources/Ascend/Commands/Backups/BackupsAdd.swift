import ArgumentParser
import Backups
import Foundation
import Restore
import Support

struct BackupsAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Read a backup and add it to the catalog.",
    discussion: """
      PATH is an OVA, an OVF, a VMX, an exported Hyper-V machine, a libvirt domain's XML, or a backup.json: the file or its \
      folder. What it is is found out by looking at it. The backup stays where it is and is never written to.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup.", completion: .file())
  var path: String

  @Option(help: "The name to give it in the catalog.")
  var name: String?

  @Option(help: "Which of several machines, by its name, its identifier or its file.")
  var machine: String?

  @Option(help: "Which of the deployment configurations that an OVF descriptor has. Default: the descriptor's own.")
  var configuration: String?

  @Flag(help: "Read its disks whole and record their content digests, which later readings are compared with.")
  var digest = false

  func run() async throws {
    let state = try options.openState()
    let store = try Store(path: state.database)
    var backup = try await BackupReader.read(
      URL(fileURLWithPath: path).standardizedFileURL.path,
      options: ReadOptions(machine: machine, configuration: configuration))
    if let name { backup.name = name }
    var record = try store.addBackup(backup, fingerprint: BackupFingerprint.of(backup))
    if digest {
      let line = ByteProgressLine("reading")
      defer { line.finish() }
      let service = DigestService(store: store, state: state)
      for reading in try await service.read(record, progress: { line.show($0, of: $1) }) where reading.differs {
        throw DigestService.changed(record, reading)
      }
      record = try store.backup(record.id)
    }
    if options.json {
      try Console.json(record)
    } else {
      Console.out(BackupText.summary(record))
    }
  }
}
