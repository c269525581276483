public import Backups
public import ConnectorProtocol
import Disks
public import Foundation
import GRDB
public import Support

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
  /// The same for older restore points, by their ids.
  public var pointGuests: [String: GuestFacts]?
  /// The content digests of its disks, those that were ever read whole.
  public var contents: [ContentRecord]?

  /// The restore point that this is the backup at, where one was named: no column, `backup` is as it was then.
  public var point: String?

  /// What the catalog holds of a disk's content.
  public func content(of disk: Int) -> ContentRecord? { contents?.first { $0.index == disk && $0.point == point } }

  /// The backup as people refer to it: `name`, or `name@point`.
  public var label: String { point.map { "\(name)@\($0)" } ?? name }

  /// The backup as it stood at one of its points. What was found inside the guest is of the newest, and left out.
  ///
  /// - Throws: `backup.pointUnknown`.
  public func at(_ id: String?) throws(AscendError) -> BackupRecord {
    guard let id else { return self }
    var record = self
    record.backup = try backup.at(id)
    let found = backup.points.first { $0.id == id } ?? backup.points.first { $0.name == id }
    record.point = found?.id
    record.virtualSizeBytes = record.backup.disks.reduce(0) { $0 + $1.chain.virtualSizeBytes }
    record.takenAt = record.backup.takenAt
    // The newest point is what the catalog speaks of, by whatever name.
    if found?.id == backup.points.last?.id {
      record.point = nil
    } else {
      record.guest = found.flatMap { pointGuests?[$0.id] }
    }
    return record
  }

  enum CodingKeys: String, CodingKey {
    case id, name, kind, path, backup, fingerprint, guest, contents
    case pointGuests = "point_guests"
    case sourcePlatform = "source_platform"
    case takenAt = "taken_at"
    case addedAt = "added_at"
    case virtualSizeBytes = "virtual_size_bytes"
  }
}
