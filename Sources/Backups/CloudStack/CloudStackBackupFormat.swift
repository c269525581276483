import ConnectorProtocol
import Foundation
import Support

extension Backup.Kind {
  /// A folder of CloudStack's backup repository.
  static let cloudStackBackup: Backup.Kind = "cloudstack-backup"
}

/// A folder of CloudStack's NAS backup repository: of one backup, or of a machine's with a folder a backup in it.
enum CloudStackBackupFormat: BackupFormat {
  static let name = "a folder of a CloudStack backup repository"
  static let domainFile = "domain-config.xml"

  private static let mostBackups = 2000

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard location.archive == nil else { return nil }
    if location.names.contains(domainFile), location.isFolder || location.fileName == domainFile {
      guard location.names.contains(where: isDisk) else { return nil }
      return CloudStackBackupReader(location: location, backups: [""])
    }
    guard location.isFolder else { return nil }
    var backups: [String] = []
    for name in location.names.prefix(mostBackups) {
      guard FileManager.default.fileExists(atPath: "\(location.folder)/\(name)/\(domainFile)") else { continue }
      let folder = try BackupLocation.names(in: location.folder + "/" + name)
      if folder.contains(where: isDisk) { backups.append(name) }
    }
    return backups.isEmpty ? nil : CloudStackBackupReader(location: location, backups: backups)
  }

  /// The plugin calls its files `root.VOLUME.qcow2` and `datadisk.VOLUME.qcow2`; some versions put something in front.
  private static func isDisk(_ name: String) -> Bool {
    ["root", "datadisk"].contains { NameWord($0)?.place(in: name) != nil }
  }
}
