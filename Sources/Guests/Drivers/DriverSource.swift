import Foundation
import Support

/// A folder or an ISO image with driver packages, as their vendors ship them. Supplied by the operator; never changed.
struct DriverSource: Sendable {
  struct Member: Sendable, Hashable {
    /// Relative to the source, with `/`.
    var path: String
    var bytes: Int64
  }

  static let maxMembers = 200_000
  /// Of one file of a package. The largest that are known (display drivers) have tens of megabytes.
  static let maxFileBytes: Int64 = 256 << 20

  let path: String
  let members: [Member]
  private let isFolder: Bool

  /// - Throws: `drivers.unreadable` for what is neither, or cannot be read.
  init(path: String) throws(AscendError) {
    var isDirectory: ObjCBool = false
    guard path.hasPrefix("/"), FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Self.unreadable(path, "There is no such folder or file")
    }
    self.path = path
    isFolder = isDirectory.boolValue
    members = isFolder ? try DriverFolder(path: path).members() : try DriverImage(path: path).members()
  }

  /// The content of members, by their paths. One that is not there has no entry.
  func contents(of paths: Set<String>, limit: Int64 = maxFileBytes) throws(AscendError) -> [String: [UInt8]] {
    guard !paths.isEmpty else { return [:] }
    return isFolder
      ? try DriverFolder(path: path).contents(of: paths, limit: limit)
      : try DriverImage(path: path).contents(of: paths, limit: limit)
  }

  static func unreadable(_ path: String, _ cause: String?) -> AscendError {
    AscendError(
      "drivers.unreadable", "A source of drivers cannot be read", object: path, cause: cause,
      remedy: "Name a folder with driver packages (INF files), or an ISO image with them")
  }

  static func tooLarge(_ path: String, _ member: String) -> AscendError {
    AscendError(
      "drivers.tooLarge", "A source of drivers holds more than is read of one", object: path, cause: member,
      remedy: "Name a folder that holds the platform's drivers and little else")
  }
}
