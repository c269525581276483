import Foundation
public import Support

/// The folders in which connectors are looked for: `<folder>/<id>/connector.json`, first match wins.
///
/// Discovery reads files and executes nothing.
public struct ConnectorDirectory: Sendable {
  public let searchPath: [String]

  public init(searchPath: [String]) {
    self.searchPath = searchPath
  }

  /// Every usable connector, by id, and what is wrong with the others.
  public func discover() -> (installations: [ConnectorInstallation], problems: [AscendError]) {
    var found: [String: ConnectorInstallation] = [:]
    var problems: [AscendError] = []
    for folder in candidates() {
      do throws(AscendError) {
        let installation = try InstallationReader.read(folder: folder)
        if let first = found[installation.id] {
          problems.append(Self.duplicate(of: first, at: folder))
        } else {
          found[installation.id] = installation
        }
      } catch {
        problems.append(error)
      }
    }
    return (found.values.sorted { $0.id < $1.id }, problems)
  }

  /// The connector for the platform `id`.
  ///
  /// - Throws: `connector.notFound`, with those that there are; or what is wrong with the one there is.
  public func find(_ id: String) throws(AscendError) -> ConnectorInstallation {
    if InstallationReader.isPlainComponent(id) {
      for folder in candidates() where (folder as NSString).lastPathComponent == id {
        return try InstallationReader.read(folder: folder)
      }
    }
    let known = discover().installations.map(\.id)
    throw AscendError(
      "connector.notFound", "There is no connector for this platform", object: id,
      cause: (known.isEmpty ? "no connector was found" : "found: " + known.joined(separator: ", "))
        + "; looked in " + (searchPath.isEmpty ? "no folder" : searchPath.joined(separator: ", ")),
      remedy: "Put the connector's folder into one of these, or name another with --connectors")
  }

  /// The folders that hold a `connector.json`, in the order in which they win.
  private func candidates() -> [String] {
    searchPath.flatMap { directory -> [String] in
      // A folder of the search path that does not exist is no fault: several are looked in by default.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      return names.sorted().map { directory + "/" + $0 }
        .filter { FileManager.default.fileExists(atPath: $0 + "/" + InstallationReader.fileName) }
    }
  }

  private static func duplicate(of first: ConnectorInstallation, at folder: String) -> AscendError {
    AscendError(
      "connector.duplicate", "This connector is hidden by another with the same id", object: folder,
      cause: "\(first.folder) comes first", remedy: "Remove one of the two")
  }
}
