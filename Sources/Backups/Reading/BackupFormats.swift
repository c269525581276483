import Disks
import Support

/// The kinds of backup that are known, in the order in which they are tried: what says more of a machine comes first.
enum BackupFormats {
  static let all: [any BackupFormat.Type] = [
    ManifestFormat.self,
    OVFFormat.self,
    VMXFormat.self,
    HyperVFormat.self,
    CloudStackBackupFormat.self,
    MachineJSONFormat.self,
    LibvirtFormat.self,
    BareDisksFormat.self,
  ]

  /// - Throws: `backup.notRecognised`, `backup.notFound`, and what the formats throw.
  static func detect(_ location: BackupLocation) throws(AscendError) -> any BackupSource {
    guard location.options.disks?.isEmpty ?? true else { return try severalDisks(location) }
    for format in all {
      if let source = try format.detect(location) { return source }
    }
    throw notRecognised(location)
  }

  /// Several paths are the disks of one machine, whatever lies beside them.
  private static func severalDisks(_ location: BackupLocation) throws(AscendError) -> any BackupSource {
    if let source = try BareDisksFormat.detect(location) { return source }
    throw AscendError(
      "backup.notRecognised", "Only disk images can be named together", object: location.path,
      cause: "it is none", remedy: "Name the images of one machine in their order, or one backup alone")
  }

  private static func notRecognised(_ location: BackupLocation) -> AscendError {
    let archives = location.names(withExtension: "ova")
    var cause = "its content is that of no backup"
    if location.isFolder {
      cause = location.names.isEmpty ? "the folder is empty" : "it holds none of what a backup is known by"
    } else if location.archive != nil {
      cause = "it is a tar archive without an .ovf descriptor"
    }
    return AscendError(
      "backup.notRecognised", "This is no backup that can be read", object: location.path, cause: cause,
      remedy: location.isFolder && !archives.isEmpty
        ? "Name the archive itself: \(archives.prefix(8).joined(separator: ", "))"
        : "Name \(all.map { $0.name }.joined(separator: ", or "))")
  }
}
