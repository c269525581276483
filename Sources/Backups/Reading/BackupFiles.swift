import Disks
import Foundation
import Support

/// The files of a backup by their names in it: a folder's, or an archive's members.
protocol BackupFiles: Sendable {
  /// The folder that none of the files may leave.
  var folder: String { get }
  /// The file, or nil where the backup has none of that name.
  func file(_ name: String) throws(AscendError) -> BackupFile?
}

/// Where a file of a backup lies.
struct BackupFile: Sendable {
  var name: String
  var path: String
  var offset: Int64?
  var length: Int64

  /// The whole file, which must be a short one: a descriptor or a manifest.
  func contents(limit: Int) throws(AscendError) -> [UInt8] {
    guard length <= Int64(limit) else {
      throw AscendError(
        "backup.tooLarge", "\(name) is too large for what it should be", object: path,
        cause: "it has \(length) bytes, at most \(limit) are read", remedy: "Export the machine again")
    }
    return try FileSlice(path, offset: offset ?? 0, length: length).read(at: 0, count: limit)
  }
}

struct ArchiveFiles: BackupFiles {
  var archive: String
  var folder: String
  var members: [ArchiveMember]

  func file(_ name: String) throws(AscendError) -> BackupFile? {
    members.first { $0.name == name }.map {
      BackupFile(name: name, path: archive, offset: $0.offset, length: $0.size)
    }
  }
}

struct FolderFiles: BackupFiles {
  var folder: String

  func file(_ name: String) throws(AscendError) -> BackupFile? {
    let path = folder + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let real = try Confinement.resolve(path, within: folder)
    return BackupFile(name: name, path: real, length: try FileSlice(real).length)
  }
}
