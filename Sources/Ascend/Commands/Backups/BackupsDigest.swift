import ArgumentParser
import Disks
import Foundation
import Restore
import Support

struct BackupsDigest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest", abstract: "Read a disk whole and print its content digest.",
    discussion: """
      DISK is a backup of the catalog (all its disks), BACKUP:N (its disk N), either at a restore point (BACKUP@POINT:N), \
      or an image file. Two disks have the same \
      digest if a guest reads the same bytes from them, whatever their formats and however zeros are stored.

      The first digest of a backup's disk is recorded in the catalog; later ones are compared with it, and one that \
      differs exits 1.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "A backup, a backup's disk, or an image file.", completion: .file())
  var disk: String

  @Option(help: "The format of an image file. Needed for raw only: the others are told from their content.")
  var format: String?

  @Option(help: "An image that the image file stands on; more than one in order, base first.", completion: .file())
  var backing: [String] = []

  struct Output: Encodable {
    var disks: [Disk]

    struct Disk: Encodable {
      /// Of a backup's disk.
      var index: Int?
      /// Of an image file.
      var path: String?
      var content: DiskDigest
      var recorded: ContentRecord?
    }
  }

  func run() async throws {
    let engine = try options.engine()
    let (store, service) = (engine.store, engine.digests)
    let line = ByteProgressLine("reading")
    defer { line.finish() }
    let output: Output
    if format == nil, backing.isEmpty, let (backup, index) = try catalogued(store) {
      let readings = try await engine.withDisks(of: backup) {
        try await service.read($0, disk: index) { line.show($0, of: $1) }
      }
      // Read again: what was recorded only now.
      let record = try store.backup(backup.id).at(backup.point)
      output = Output(
        disks: readings.map {
          Output.Disk(index: $0.index, content: $0.content, recorded: record.content(of: $0.index))
        })
    } else {
      let chain = try await DiskChain.images(backing + [disk], format: format.map { ImageFormat(rawValue: $0) })
      let content = try await service.digest(of: chain) { line.show($0, of: $1) }
      output = Output(disks: [Output.Disk(path: chain.layers.last?.path, content: content)])
    }
    line.finish()
    try show(output)
  }

  private func show(_ output: Output) throws {
    if options.json {
      try Console.json(output)
    } else {
      for disk in output.disks {
        Console.out("\(disk.content.digest)  \(disk.path ?? "\(self.disk), disk \(disk.index ?? 0)")")
      }
    }
    let changed = output.disks.filter { $0.recorded.map(\.digest) ?? $0.content.digest != $0.content.digest }
    for disk in changed {
      Console.note(
        "Disk \(disk.index ?? 0) has changed: it is \(disk.content.digest), recorded was \(disk.recorded?.digest ?? "")"
      )
    }
    if !changed.isEmpty { throw ExitCode(ExitStatus.failed) }
  }

  /// The backup that is meant, and the disk where one is named; nil where it must be a file.
  private func catalogued(_ store: Store) throws(AscendError) -> (BackupRecord, disk: Int?)? {
    // The end of BACKUP@POINT:N could be part of the point's name: it is so only where there is no such disk.
    if let colon = disk.lastIndex(of: ":"), let index = Int(disk[disk.index(after: colon)...]),
      let backup = try known(String(disk[..<colon]), store, unless: ["backup.unknown", "backup.pointUnknown"])
    {
      return (backup, index)
    }
    if let backup = try known(disk, store, unless: ["backup.unknown"]) { return (backup, nil) }
    guard !FileManager.default.fileExists(atPath: disk) else { return nil }
    throw AscendError(
      "digest.unknown", "There is no backup, no disk of one and no file of that name", object: disk,
      remedy: "See `ascend backups list`, or name an image file")
  }

  private func known(_ reference: String, _ store: Store, unless codes: Set<AscendError.Code>) throws(AscendError)
    -> BackupRecord?
  {
    do { return try store.backup(reference) } catch {
      guard codes.contains(error.code) else { throw error }
      return nil
    }
  }
}
