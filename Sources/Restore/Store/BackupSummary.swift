import GRDB

/// A backup as the catalog lists it.
public struct BackupSummary: StoredRecord {
  public var id: String
  public var name: String
  public var sourcePlatform: String
  public var kind: String
  public var path: String
  /// RFC 3339, as it stands in the table: thousands of them are listed, and none is reckoned with.
  public var takenAt: String?
  public var addedAt: String
  public var virtualSizeBytes: Int64
  /// How many disks the machine has.
  public var disks: Int
  /// How many states it can be restored to.
  public var points: Int

  enum CodingKeys: String, CodingKey {
    case id, name, kind, path, disks, points
    case sourcePlatform = "source_platform"
    case takenAt = "taken_at"
    case addedAt = "added_at"
    case virtualSizeBytes = "virtual_size_bytes"
  }

  public static let databaseTableName = "backup_jobs"

  static let query = """
    SELECT id, name, source_platform, kind, path, taken_at, added_at, virtual_size_bytes, disk_count AS disks,
      point_count AS points
    FROM backup_jobs ORDER BY added_at, id
    """
}
