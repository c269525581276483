import Foundation
import Support

/// An OVA, an OVF descriptor, or the folder of one.
enum OVFFormat: BackupFormat {
  static let name = "an OVA, an .ovf file or the folder that holds it"

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    if let members = location.archive { return try archive(members, location) }
    var name: String? = location.fileName
    if location.isFolder {
      name = try location.choose(location.names(withExtension: "ovf"), of: "OVF descriptors")
    } else if location.xmlRoot != "Envelope" {
      return nil
    }
    guard let name, let file = try location.files.file(name) else { return nil }
    return reader(file, location.files, location.names, location)
  }

  private static func archive(_ members: [ArchiveMember], _ location: BackupLocation) throws(AscendError)
    -> OVFReader?
  {
    let descriptors = members.filter { $0.name.lowercased().hasSuffix(".ovf") }
    guard let name = try location.choose(descriptors.map(\.name), of: "OVF descriptors"),
      let member = descriptors.first(where: { $0.name == name })
    else { return nil }
    let files = ArchiveFiles(archive: location.path, folder: location.folder, members: members)
    let file = BackupFile(name: member.name, path: location.path, offset: member.offset, length: member.size)
    var reader = reader(file, files, members.map(\.name), location)
    reader.kind = .ova
    reader.path = location.path
    reader.takenAt = member.modified > 0 ? Date(timeIntervalSince1970: TimeInterval(member.modified)) : nil
    return reader
  }

  private static func reader(
    _ file: BackupFile, _ files: any BackupFiles, _ names: [String], _ location: BackupLocation
  ) -> OVFReader {
    let wanted = (file.name as NSString).deletingPathExtension + ".mf"
    let manifest = names.first { $0.lowercased() == wanted.lowercased() }
    return OVFReader(
      files: files, descriptor: file, kind: .ovf, path: file.path, manifest: manifest, options: location.options)
  }
}
