import ArgumentParser
import Backups
import ConnectorProtocol
import Foundation
import Restore
import Support

struct BackupsAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Read a backup and add it to the catalog.",
    discussion: """
      PATH is a backup's file or folder: an OVA or OVF, a VMX, an exported Hyper-V machine, a libvirt domain, disks with a platform's own JSON of their \
      machine beside them, a folder of a backup repository, a folder with a backup.json, or disk images alone. What it is \
      is found out by looking at it. The backup stays where it is and is never written to.

      Several paths are the disks of one machine that nothing describes, in their order. Their guest is looked into for \
      its system and firmware; --cpus, --memory, --firmware and --guest say what no disk can, and stand over what a \
      backup says.

      PATH may also be an address (SCHEME://…) whose disks a connector reads from its platform; `ascend connectors show \
      PLATFORM` says which it reads. Nothing is copied: the disks are read there whenever they are needed, and only the \
      parts that are. --target names the target through which they are reached. Several addresses are the disks of one \
      machine, in their order.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var read: ReadOptionGroup

  @Argument(help: ArgumentHelp("The backup, or the disks of one machine.", valueName: "path"), completion: .file())
  var paths: [String]

  @Option(help: "The target through which addresses are read. Default: the only one that can be meant.")
  var target: String?

  @Option(
    help: "What describes the machine of disks that are read from a platform: the platform's own JSON, or its folder.",
    completion: .file())
  var description: String?

  @Option(help: "The name to give it in the catalog.")
  var name: String?

  @Flag(help: "Read its disks whole and record their content digests, which later readings are compared with.")
  var digest = false

  @Flag(help: "Do not look inside the guest of disks that nothing describes.")
  var noInspect = false

  func validate() throws {
    if paths.isEmpty { throw ValidationError("Name a backup") }
  }

  func run() async throws {
    let engine = try options.engine()
    let store = engine.store
    var record = try await add(engine)
    if !noInspect {
      record = try await engine.planning.complete(record) { if Console.isInteractive { Console.note($0) } }
    }
    if digest {
      let line = ByteProgressLine("reading")
      defer { line.finish() }
      let readings = try await engine.withDisks(of: record) {
        try await engine.digests.read($0, progress: { line.show($0, of: $1) })
      }
      for reading in readings where reading.differs { throw DigestService.changed(record, reading) }
      record = try store.backup(record.id)
    }
    if options.json {
      try Console.json(record)
    } else {
      Console.out(BackupText.summary(record, mostLosses: 12))
    }
  }

  private func add(_ engine: RestoreEngine) async throws -> BackupRecord {
    if paths.contains(where: { BackupAddress.scheme($0) != nil }) {
      var options = read.options(disks: [])
      options.description = try description.map { (path) throws(AscendError) in try BackupAddress.path(path) }
      return try await engine.addRemote(paths, target: target, options: options, backupName: name)
    }
    if target != nil || description != nil {
      throw ValidationError("--target and --description are for addresses, not for paths")
    }
    let places = try paths.map { (path) throws(AscendError) in try BackupAddress.path(path) }
    var backup = try await BackupReader.read(places[0], options: read.options(disks: Array(places.dropFirst())))
    if let name { backup.name = name }
    return try engine.store.addBackup(backup, fingerprint: BackupFingerprint.of(backup))
  }
}

/// What is said of a backup when it is added.
struct ReadOptionGroup: ParsableArguments {
  @Option(help: "Which of several machines, by its name or identifier.")
  var machine: String?

  @Option(help: "Which of the deployment configurations that an OVF descriptor has. Default: the descriptor's own.")
  var configuration: String?

  @Option(help: "How many processors the machine has.")
  var cpus: Int?

  @Option(help: "How much memory the machine has (4GiB).")
  var memory: MemoryArgument?

  @Option(help: "What the machine starts with, bios or uefi.")
  var firmware: FirmwareArgument?

  @Option(help: "The guest system: windows, linux, or a platform's own name of it.")
  var guest: String?

  func validate() throws {
    if let cpus, !(1...4096).contains(cpus) { throw ValidationError("--cpus is a number from 1 to 4096") }
  }

  func options(disks: [String]) -> ReadOptions {
    ReadOptions(
      machine: machine, disks: disks.isEmpty ? nil : disks, cpus: cpus, memoryBytes: memory?.bytes,
      firmware: firmware.map { FirmwareType(rawValue: $0.rawValue) }, guest: guest,
      configuration: configuration)
  }
}

/// `bios` or `uefi`.
enum FirmwareArgument: String, ExpressibleByArgument, CaseIterable {
  case bios, uefi
}

/// An amount of memory, from 1 MiB on.
struct MemoryArgument: ExpressibleByArgument, Hashable {
  var bytes: Int64

  init?(argument: String) {
    guard let bytes = ByteCount.parse(argument), (1 << 20...64 << 40).contains(bytes) else { return nil }
    self.bytes = bytes
  }
}
