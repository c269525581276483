import Backups
import Foundation
import GRDB
public import Support

extension Store {
  /// What the catalog's table of contents holds of each backup, oldest first: enough to list thousands at once.
  public func backupList() throws(AscendError) -> [BackupSummary] {
    try read { db in try BackupSummary.fetchAll(db, sql: BackupSummary.query) }
  }

  /// The backup that `reference` names: its id, the end or start of it where that is unique, its name or its path; with
  /// `@POINT` behind it, the backup as it stood at that restore point.
  ///
  /// - Parameter points: False where only a whole backup can be meant.
  /// - Throws: `backup.unknown`, `backup.ambiguous`, `backup.pointUnknown`.
  public func backup(_ reference: String, points: Bool = true) throws(AscendError) -> BackupRecord {
    do {
      return try record(named(reference))
    } catch {
      // A name may hold an @ itself, so the whole is looked for first.
      guard points, error.code == "backup.unknown", let at = reference.lastIndex(of: "@") else { throw error }
      let base = String(reference[..<at])
      guard !base.isEmpty else { throw error }
      return try record(named(base)).at(String(reference[reference.index(after: at)...]))
    }
  }

  private struct Reference: Decodable, FetchableRecord, Sendable {
    var id: String
    var name: String
    var path: String
  }

  /// The id of the backup that `reference` names. Only rows that could be meant are looked at.
  private func named(_ reference: String) throws(AscendError) -> String {
    let candidates = try read { db in
      try Reference.fetchAll(
        db,
        sql: """
          SELECT id, name, path FROM backup_jobs
          WHERE id = :text OR name = :text OR path = :text OR substr(id, 1, length(:text)) = :text
            OR substr(id, -length(:text)) = :text
          ORDER BY added_at, id
          """, arguments: ["text": reference])
    }
    return try Self.pick(reference, from: candidates, id: \.id, names: { [$0.name, $0.path] }, what: "backup").id
  }

  private func record(_ id: String) throws(AscendError) -> BackupRecord {
    guard let record = try read({ db in try BackupRecord.fetchOne(db, key: id) }) else {
      throw AscendError(
        "backup.unknown", "There is no backup of that id or name", object: id, remedy: "See `ascend backups list`")
    }
    return record
  }
}
