import ConnectorProtocol
import Disks
import Foundation

/// `backup.json`: our own description of a backup beside its images. Schema: `protocol/v1/schema/backup.schema.json`.
struct BackupDocument: Codable {
  static let fileName = "backup.json"
  static let currentSchema = "backup/1"
  static let longest = 8 << 20

  var schema: String
  var platform: String
  var product: String?
  /// RFC 3339.
  var takenAt: String
  var machine: MachineDescription
  var disks: [Disk]

  struct Disk: Codable {
    /// The place of the disk in the machine, from 0.
    var index: Int
    /// The images, base first.
    var chain: [Image]
  }

  struct Image: Codable {
    /// Relative to the folder of the document.
    var file: String
    var format: ImageFormat
    /// Hexadecimal, of the image file's bytes.
    var sha256: String?
    /// The size of the image file.
    var sizeBytes: Int64?
  }
}
