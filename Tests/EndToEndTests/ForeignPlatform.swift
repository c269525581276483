import Foundation

/// A connector in another language, for a platform that the host knows nothing of, dropped into a folder of connectors.
struct ForeignPlatform: ~Copyable {
  /// The folder of connectors.
  let folder: String

  /// - Parameter fault: What the connector does wrong, in its own words; nothing where none is given.
  init(fault: String? = nil) throws {
    folder = "/tmp/ascend-foreign-\(UUID().uuidString.prefix(8))"
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let connector = folder + "/rogue"
    try files.copyItem(atPath: Program.root + "/Tests/Fixtures/rogue-connector", toPath: connector)
    guard let fault else { return }
    let document = connector + "/connector.json"
    let text = try String(contentsOfFile: document, encoding: .utf8)
    try text.replacing(#""executable": "rogue""#, with: #""executable": "start""#)
      .write(toFile: document, atomically: true, encoding: .utf8)
    let script = "#!/bin/sh\nexec \(connector)/rogue --fault \(fault) \"$@\"\n"
    try script.write(toFile: connector + "/start", atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: connector + "/start")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
