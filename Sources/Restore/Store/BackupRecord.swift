public import Backups
public import ConnectorProtocol
public import Foundation
import GRDB

/// A backup in the catalog: what was backed up, when, from which platform, its machine description and disks.
public struct BackupRecord: StoredRecord {
  public static let databaseTableName = "backup_jobs"

  public var id: String
  public var name: String
  public var sourcePlatform: String
  public var kind: String
  public var path: String
  public var takenAt: Date?
  public var addedAt: Date
  public var virtualSizeBytes: Int64
  public var backup: Backup
  /// Names the files' state when the backup was added: sizes and times of change of all its image files.
  public var fingerprint: String
  /// What was found inside the guest, once somebody has looked.
  public var guest: GuestFacts?
  /// The content digests of its disks, those that were ever read whole.
  public var contents: [ContentRecord]?

  /// What the catalog holds of a disk's content.
  public func content(of disk: Int) -> ContentRecord? { contents?.first { $0.index == disk } }

  enum CodingKeys: String, CodingKey {
    case id, name, kind, path, backup, fingerprint, guest, contents
    case sourcePlatform = "source_platform"
    case takenAt = "taken_at"
    case addedAt = "added_at"
    case virtualSizeBytes = "virtual_size_bytes"
  }
}
