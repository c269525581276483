public import Backups
public import ConnectorProtocol
import Disks
import Foundation
import GRDB
public import Support

extension Store {
  /// Adds a backup to the catalog. One that was added before, by its path, is read anew under its old id.
  public func addBackup(_ backup: Backup, fingerprint: String) throws(AscendError) -> BackupRecord {
    try write { db in
      // One description may tell of many machines: each is a backup of its own.
      let known = try BackupRecord.filter(Column("path") == backup.path).fetchAll(db).first {
        $0.backup.options.machine == backup.options.machine
      }
      let record = BackupRecord(
        id: known?.id ?? TimeOrderedUUID.make(), name: backup.name, sourcePlatform: backup.platform,
        kind: backup.kind.rawValue, path: backup.path, takenAt: backup.takenAt, addedAt: known?.addedAt ?? Date(),
        virtualSizeBytes: backup.disks.reduce(0) { $0 + $1.chain.virtualSizeBytes }, backup: backup,
        fingerprint: fingerprint, guest: known?.fingerprint == fingerprint ? known?.guest : nil,
        pointGuests: known?.fingerprint == fingerprint ? known?.pointGuests : nil,
        contents: known?.fingerprint == fingerprint ? known?.contents : nil)
      try record.save(db)
      return record
    }
  }

  public func backups() throws(AscendError) -> [BackupRecord] {
    try read { try BackupRecord.order(Column("added_at"), Column("id")).fetchAll($0) }
  }

  /// - Throws: `backup.inUse` where a job that is not done needs it.
  public func removeBackup(_ record: BackupRecord) throws(AscendError) {
    try write { db in
      let jobs = try RestoreJob.filter(Column("backup_job_id") == record.id).fetchAll(db)
      if let job = jobs.first(where: { !$0.status.isFinal }) {
        throw AscendError(
          "backup.inUse", "The backup is needed by a job that is not done", object: record.name,
          cause: "job \(job.id) is \(job.status.rawValue)",
          remedy: "Wait for it, or cancel it with `ascend jobs cancel`")
      }
      for job in jobs { try job.delete(db) }
      try record.delete(db)
    }
  }

  /// - Parameter point: The restore point that was looked into; nil for the newest.
  public func rememberGuest(_ facts: GuestFacts, of backup: String, at point: String? = nil) throws(AscendError) {
    try write { db in
      guard var record = try BackupRecord.fetchOne(db, key: backup) else { return }
      if let point {
        record.pointGuests = (record.pointGuests ?? [:]).merging([point: facts]) { _, new in new }
      } else {
        record.guest = facts
      }
      try record.update(db)
    }
  }

  /// Records what disks hold. What was recorded before stays: the first reading is what later ones are compared with.
  public func rememberContents(_ contents: [ContentRecord], of backup: String) throws(AscendError) {
    try write { db in
      guard var record = try BackupRecord.fetchOne(db, key: backup) else { return }
      let known = record.contents ?? []
      let new = contents.filter { content in
        !known.contains { $0.index == content.index && $0.point == content.point }
      }
      record.contents = (known + new).sorted { $0.index < $1.index }
      try record.update(db)
    }
  }

  static func pick<T>(
    _ reference: String, from all: [T], id: (T) -> String, names: (T) -> [String], what: String
  ) throws(AscendError) -> T {
    if let exact = all.first(where: { id($0) == reference }) { return exact }
    let named = all.filter { names($0).contains(reference) }
    let matches =
      named.isEmpty && reference.count >= 4
      ? all.filter { id($0).hasPrefix(reference) || id($0).hasSuffix(reference) } : named
    switch matches.count {
    case 1: return matches[0]
    case 0:
      throw AscendError(
        .init(rawValue: "\(what).unknown"), "There is no \(what) of that id or name", object: reference,
        remedy: "See `ascend \(what)s list`")
    default:
      throw AscendError(
        .init(rawValue: "\(what).ambiguous"), "\(matches.count) \(what)s are called that", object: reference,
        remedy: "Name it by its id: \(matches.map(id).joined(separator: ", "))")
    }
  }
}
