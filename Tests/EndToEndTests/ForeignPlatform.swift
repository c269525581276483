import Foundation

/// A connector in another language, for a platform that the host knows nothing of, dropped into a folder of connectors.
enum ForeignPlatform {
  /// - Returns: The folder of connectors.
  static func install(in folder: String) throws -> String {
    let files = FileManager.default
    try? files.removeItem(atPath: folder)
    try files.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try files.copyItem(atPath: Program.root + "/Tests/Fixtures/rogue-connector", toPath: folder + "/rogue")
    return folder
  }

  static func remove(_ folder: String) {
    try? FileManager.default.removeItem(atPath: folder)
  }
}
