import Backups
import ConnectorProtocol
import Disks
import Support

/// Disks that a connector offers at the moment.
struct OpenSource: Sendable {
  var origin: RemoteOrigin
  var opened: SourceOpen.Result
  /// Of the sockets.
  var folder: String

  var sockets: [String] { opened.disks.indices.map { SourceOpen.socket($0, in: folder) } }

  /// A backup of the catalog, with its disks as they are offered.
  ///
  /// - Throws: `backup.changed` where they are not the disks that it was made of.
  func offering(_ record: BackupRecord) throws(AscendError) -> BackupRecord {
    let chains = record.backup.disks.map(\.chain)
    guard chains.count == opened.disks.count else {
      throw changed(record, "there are \(opened.disks.count) disks, and were \(chains.count)")
    }
    for chain in chains {
      guard let remote = chain.layers.first?.remote, opened.disks.indices.contains(remote.place) else {
        throw changed(record, "not all of its disks are there")
      }
      let disk = opened.disks[remote.place]
      guard remote.generation == disk.generation, chain.virtualSizeBytes == disk.sizeBytes else {
        throw changed(record, "\(disk.name.prefix(100)) is another disk, or has another content")
      }
    }
    var record = record
    record.backup = record.backup.offered(at: sockets)
    return record
  }

  private func changed(_ record: BackupRecord, _ cause: String) -> AscendError {
    AscendError(
      "backup.changed", "What the platform holds has changed since the backup was added", object: record.path,
      cause: cause, remedy: "Add it again with `ascend backups add \(record.path)`")
  }
}
