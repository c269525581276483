import Foundation

/// Where this program was installed, and what lies beside it: `bin/ascend`, `connectors/`, `share/ascend/`.
enum Installation {
  /// The folder above `bin/`.
  static var root: String {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: executable).deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// The folders in which connectors are looked for; the first that has one wins.
  static func connectorSearchPath(option: String?, environment: [String: String]) -> [String] {
    var path: [String] = []
    if let option { path.append(URL(fileURLWithPath: option).standardizedFileURL.path) }
    if let variable = environment["ASCEND_CONNECTORS"] {
      path += variable.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }
    path.append(root + "/connectors")
    return path
  }

  static var demoScript: String { root + "/share/ascend/scripts/demo" }
}
