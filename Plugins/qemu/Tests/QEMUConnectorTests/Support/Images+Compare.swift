import ConnectorTesting
import Foundation

extension Images {
  /// True where a guest would read the same from both.
  static func same(_ left: String, _ format: String, _ right: String, _ other: String) async throws -> Bool {
    try await tool("qemu-img", ["compare", "-f", format, "-F", other, left, right]).code == 0
  }

  static func allocated(_ path: String) -> Int64 {
    var facts = stat()
    return lstat(path, &facts) == 0 ? Int64(facts.st_blocks) * 512 : -1
  }
}
