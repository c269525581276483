import Foundation
import Testing

/// Text that is kept beside the tests. With `ASCEND_UPDATE_GOLDEN=1` it is written anew, and the test still fails
/// where it was different, so that no change goes unseen.
enum Golden {
  static func expect(
    _ text: String, matches name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
    let kept = try? String(contentsOf: file, encoding: .utf8)
    if kept != text, ProcessInfo.processInfo.environment["ASCEND_UPDATE_GOLDEN"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(text == kept, "\(file.lastPathComponent) says otherwise", sourceLocation: sourceLocation)
  }
}
