import Support

/// A libvirt domain's XML beside its disks.
enum LibvirtFormat: BackupFormat {
  static let name = "a libvirt domain's XML with its disks beside it"
  private static let mostLooks = 200

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard location.archive == nil else { return nil }
    var name: String? = location.fileName
    if location.isFolder {
      var domains: [String] = []
      for candidate in location.names(withExtension: "xml").prefix(mostLooks) {
        guard let file = try location.files.file(candidate), try isDomain(file) else { continue }
        domains.append(candidate)
      }
      name = try location.choose(domains, of: "libvirt domains")
    } else if location.xmlRoot != "domain" {
      return nil
    }
    guard let name, let file = try location.files.file(name) else { return nil }
    return LibvirtReader(folder: location.folder, file: file)
  }

  static func isDomain(_ file: BackupFile) throws(AscendError) -> Bool {
    HeadSniffer.xmlRoot(try FileSlice(file.path).read(at: 0, count: 4096)) == "domain"
  }
}
