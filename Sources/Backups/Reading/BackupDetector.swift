import Disks
import Foundation
import Support

/// Recognises a backup by its content; what its files are called counts only among several.
enum BackupDetector {
  enum Found {
    case document(BackupDocumentReader)
    case ovf(OVFReader)
  }

  /// - Parameter path: A real path, without symbolic links.
  static func detect(_ path: String) throws(AscendError) -> Found {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw AscendError("backup.notFound", "The backup cannot be found", object: path, remedy: "Check the path")
    }
    return isFolder.boolValue ? try folder(path) : try file(path)
  }

  private static func folder(_ path: String) throws(AscendError) -> Found {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw AscendError(
        "backup.unreadable", "The backup's folder cannot be read", object: path, cause: "\(error.localizedDescription)",
        remedy: "Check the rights of this account on it")
    }
    let files = FolderFiles(folder: path)
    if names.contains(BackupDocument.fileName), let file = try files.file(BackupDocument.fileName) {
      return .document(BackupDocumentReader(files: files, file: file))
    }
    let descriptors = names.filter { $0.lowercased().hasSuffix(".ovf") }
    if descriptors.count == 1, let file = try files.file(descriptors[0]) { return .ovf(ovf(file, files, names)) }
    guard descriptors.isEmpty else {
      throw AscendError(
        "backup.ambiguous", "The folder holds several machines", object: path,
        cause: descriptors.joined(separator: ", "), remedy: "Name one of the .ovf files")
    }
    let archives = names.filter { $0.lowercased().hasSuffix(".ova") }
    throw notRecognised(
      path, names.isEmpty ? "the folder is empty" : "it holds no \(BackupDocument.fileName) and no .ovf file",
      archives.isEmpty ? nil : "Name the archive itself: \(archives.joined(separator: ", "))")
  }

  private static func file(_ path: String) throws(AscendError) -> Found {
    if try TarReader.isArchive(path) { return try archive(path) }
    let head = try FileSlice(path).read(at: 0, count: 4096)
    let text = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...]
    let first = text.first { !" \t\r\n".utf8.contains($0) }
    let files = FolderFiles(folder: (path as NSString).deletingLastPathComponent)
    let name = (path as NSString).lastPathComponent
    switch first {
    case UInt8(ascii: "<"):
      if let file = try files.file(name) { return .ovf(ovf(file, files, try siblings(files.folder))) }
    case UInt8(ascii: "{"):
      if let file = try files.file(name) { return .document(BackupDocumentReader(files: files, file: file)) }
    default: break
    }
    guard let format = try ImageSniffer.format(of: path) else {
      throw notRecognised(path, "its content is that of no backup")
    }
    throw notRecognised(
      path, "it is a disk image (\(format))",
      "Put it into a folder with a \(BackupDocument.fileName) that describes its machine")
  }

  private static func archive(_ path: String) throws(AscendError) -> Found {
    let members = try TarReader.members(of: path)
    let descriptors = members.filter { $0.name.lowercased().hasSuffix(".ovf") }
    guard let member = descriptors.first else {
      throw notRecognised(path, "it is a tar archive without an .ovf descriptor")
    }
    guard descriptors.count == 1 else {
      throw AscendError(
        "backup.ambiguous", "The archive holds several machines", object: path,
        cause: descriptors.map(\.name).joined(separator: ", "), remedy: "Export each machine on its own")
    }
    let files = ArchiveFiles(
      archive: path, folder: (path as NSString).deletingLastPathComponent, members: members)
    let file = BackupFile(name: member.name, path: path, offset: member.offset, length: member.size)
    var reader = ovf(file, files, members.map(\.name))
    reader.kind = .ova
    reader.path = path
    reader.takenAt = member.modified > 0 ? Date(timeIntervalSince1970: TimeInterval(member.modified)) : nil
    return .ovf(reader)
  }

  private static func ovf(_ file: BackupFile, _ files: any BackupFiles, _ names: [String]) -> OVFReader {
    let wanted = (file.name as NSString).deletingPathExtension + ".mf"
    let manifest = names.first { $0.lowercased() == wanted.lowercased() }
    return OVFReader(files: files, descriptor: file, kind: .ovf, path: file.path, manifest: manifest)
  }

  private static func siblings(_ folder: String) throws(AscendError) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw .wrapping(error, as: "backup.unreadable", "The backup's folder cannot be read", object: folder)
    }
  }

  private static func notRecognised(_ path: String, _ cause: String, _ remedy: String? = nil) -> AscendError {
    AscendError(
      "backup.notRecognised", "This is no backup that can be read", object: path, cause: cause,
      remedy: remedy
        ?? "Name an OVA, an .ovf file or the folder that holds it, or a folder with a \(BackupDocument.fileName)")
  }
}
