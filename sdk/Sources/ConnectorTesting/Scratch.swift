import Foundation
import Synchronization

/// A folder of a test's own, readable by nobody else, removed with it.
public final class Scratch: Sendable {
  public let path: String
  private let root: String
  /// What works in the folder, and ends before it goes.
  private let tenants = Mutex<[any Sendable]>([])

  /// - Parameter name: Of the folder, where it matters: it may hold whatever a path may.
  /// - Throws: `POSIXError`, `CocoaError` where it cannot be made.
  public init(_ name: String? = nil) throws {
    // Short, and not in TMPDIR: paths of sockets have 107 bytes at most.
    var template = Array("/tmp/connector-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    root = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = name.map { [root] in root + "/" + $0 } ?? root
    if name != nil { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }
  }

  deinit {
    tenants.withLock { $0.removeAll() }
    try? FileManager.default.removeItem(atPath: root)
  }

  /// Keeps an object for as long as the folder is there.
  func keep(_ tenant: any Sendable) { tenants.withLock { $0.append(tenant) } }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and gives its path.
  public func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// The names of what is in it, sorted.
  public var names: [String] { Self.names(path) }

  /// The names of what is in a folder of it, sorted; none where there is no such folder.
  public func names(in folder: String) -> [String] { Self.names(file(folder)) }

  private static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
