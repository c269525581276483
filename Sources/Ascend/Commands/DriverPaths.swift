import Foundation
import Support

/// The operator's sources of drivers: those that were named, then each folder and ISO image in `drivers` in the state's
/// folder.
enum DriverPaths {
  static func read(_ paths: [String], state: StateDirectory) throws(AscendError) -> [String] {
    let named = paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    for path in named where !FileManager.default.fileExists(atPath: path) {
      throw AscendError("drivers.unreadable", "There is no such folder or file", object: path)
    }
    let own = state.path + "/drivers"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: own)) ?? []).sorted()
    let kept = names.map { "\(own)/\($0)" }.filter { path in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
      return isFolder.boolValue || path.lowercased().hasSuffix(".iso")
    }
    return named + kept
  }
}
