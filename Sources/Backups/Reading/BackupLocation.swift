import Disks
import Foundation
import Support

/// What somebody named as a backup, a folder or a file, with what can be seen of it at a glance.
struct BackupLocation: Sendable {
  /// Without symbolic links.
  let path: String
  let isFolder: Bool
  /// The folder itself, or the one that holds the file: nothing that the backup names may lie out of it.
  let folder: String
  /// The names in `folder`, sorted.
  let names: [String]
  /// The first bytes of the file; empty for a folder.
  let head: [UInt8]
  /// The members, where the file is a tar archive.
  let archive: [ArchiveMember]?
  let options: ReadOptions

  private static let mostNames = 20_000
  private static let headBytes = 4096

  /// - Throws: `backup.notFound`, `backup.unreadable`, `backup.tooLarge`, `archive.…`.
  init(_ named: String, options: ReadOptions) throws(AscendError) {
    guard let found = realpath(named, nil) else {
      throw AscendError.system(
        errno == ENOENT ? "backup.notFound" : "backup.unreadable", "The backup cannot be found", object: named,
        errno: errno, remedy: "Check the path, and the rights of this account on it")
    }
    defer { free(found) }
    let path = String(cString: found)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw AscendError("backup.notFound", "The backup cannot be found", object: path, remedy: "Check the path")
    }
    let folder = isFolder.boolValue ? path : (path as NSString).deletingLastPathComponent
    self.path = path
    self.isFolder = isFolder.boolValue
    self.folder = folder
    self.options = options
    names = try Self.names(in: folder)
    if self.isFolder {
      head = []
      archive = nil
    } else {
      head = try FileSlice(path).read(at: 0, count: Self.headBytes)
      archive = try TarReader.isArchive(path) ? try TarReader.members(of: path) : nil
    }
  }

  var files: FolderFiles { FolderFiles(folder: folder) }

  /// The file's own name; the folder's for a folder.
  var fileName: String { (path as NSString).lastPathComponent }

  /// What the file holds, where it is one: XML and its root element's local name.
  var xmlRoot: String? { isFolder ? nil : HeadSniffer.xmlRoot(head) }

  /// Whether the file can only be JSON.
  var isJSON: Bool { !isFolder && HeadSniffer.firstCharacter(head) == UInt8(ascii: "{") }

  /// The names in the folder that end in `.suffix`, in any case.
  func names(withExtension suffix: String) -> [String] {
    names.filter { $0.lowercased().hasSuffix("." + suffix) }
  }

  /// The one of `candidates` that counts: the only one, or the one that the options name, with or without its extension.
  ///
  /// - Returns: nil where there are none.
  /// - Throws: `backup.ambiguous`, `backup.machineUnknown`.
  func choose(_ candidates: [String], of what: String) throws(AscendError) -> String? {
    guard !candidates.isEmpty else { return nil }
    guard let wanted = options.machine else {
      guard candidates.count > 1 else { return candidates[0] }
      throw AscendError(
        "backup.ambiguous", "The backup holds \(candidates.count) \(what)", object: path,
        cause: candidates.prefix(20).joined(separator: ", "), remedy: "Name one of them with --machine, or its file")
    }
    let match = candidates.first { $0 == wanted || ($0 as NSString).deletingPathExtension == wanted }
    guard let match else {
      if candidates.count == 1 { return candidates[0] }
      throw AscendError(
        "backup.machineUnknown", "The backup holds no machine \"\(wanted.prefix(200))\"", object: path,
        cause: "it holds \(candidates.prefix(20).joined(separator: ", "))", remedy: "Name one of these with --machine")
    }
    return match
  }

  /// The names in `folder`, sorted.
  static func names(in folder: String) throws(AscendError) -> [String] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw AscendError(
        "backup.unreadable", "The backup's folder cannot be read", object: folder,
        cause: "\(error.localizedDescription)", remedy: "Check the rights of this account on it")
    }
    guard names.count <= mostNames else {
      throw AscendError(
        "backup.tooLarge", "The backup's folder holds \(names.count) files", object: folder,
        remedy: "At most \(mostNames) are looked through: move the backup into a folder of its own")
    }
    return names.sorted()
  }
}
