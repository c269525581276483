import Support

/// A folder with a `backup.json`, or that file.
enum ManifestFormat: BackupFormat {
  static let name = "a folder with a \(BackupDocument.fileName)"

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    var name = BackupDocument.fileName
    if !location.isFolder {
      guard location.isJSON, location.fileName == name || claimsSchema(location.head) else { return nil }
      name = location.fileName
    }
    guard let file = try location.files.file(name) else { return nil }
    return BackupDocumentReader(files: location.files, file: file)
  }

  private static func claimsSchema(_ head: [UInt8]) -> Bool {
    String(decoding: head, as: UTF8.self).contains("\"backup/")
  }
}
