import Foundation

/// Files of the `protocol/` folder.
enum ProtocolFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("protocol")

  static func data(_ path: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(path)) }

  /// Paths, relative to `folder`, of the files in `path` that end with `suffix`.
  static func list(_ path: String, _ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(path).path)
      .filter { $0.hasSuffix(suffix) }.sorted().map { path + "/" + $0 }
  }
}
