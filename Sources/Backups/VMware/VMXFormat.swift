import Support

/// A virtual machine's folder as vSphere and Workstation leave it: a `.vmx` with its disks.
enum VMXFormat: BackupFormat {
  static let name = "a .vmx with its disks beside it"

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard location.archive == nil else { return nil }
    var name: String? = location.fileName
    if location.isFolder {
      let found = location.names(withExtension: "vmx") + location.names(withExtension: "vmtx")
      name = try location.choose(found, of: "VMX configurations")
    } else if !isConfiguration(location.head) {
      return nil
    }
    guard let name, let file = try location.files.file(name) else { return nil }
    return VMXReader(folder: location.folder, file: file, options: location.options)
  }

  /// Every configuration says early which version of the format it is.
  private static func isConfiguration(_ head: [UInt8]) -> Bool {
    let lines = String(decoding: head, as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
    return lines.contains { line in
      ["config.version", "virtualhw.version"].contains { line.drop(while: \.isWhitespace).hasPrefix($0) }
    }
  }
}
