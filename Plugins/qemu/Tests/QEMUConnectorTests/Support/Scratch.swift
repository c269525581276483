import Foundation

@testable import QEMUConnector

/// A folder of a test's own, removed with it.
final class Scratch: Sendable {
  let path: String

  /// `name` may hold whatever a path may.
  init(_ name: String = "t") throws {
    var template = Array("/tmp/qemu-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    let base = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = base + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FolderRemoval.remove((path as NSString).deletingLastPathComponent) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// Runs a tool to its end; its exit and output.
@discardableResult
func tool(_ name: String, _ arguments: String..., in folder: String? = nil) async throws -> Tool {
  try await Tool.run(name, arguments, in: folder, seconds: 120)
}

extension Scratch {
  func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: file(folder))) ?? []).sorted()
  }
}
