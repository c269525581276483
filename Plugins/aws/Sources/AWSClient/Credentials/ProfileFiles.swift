import Foundation

/// What `~/.aws/credentials` and `~/.aws/config` say, by profile.
struct ProfileFiles: Sendable {
  private static let largest = 1 << 20

  /// Of one profile; the file of credentials goes before the other.
  private var profiles: [String: [String: String]] = [:]
  /// Paths that were looked for, for messages.
  private(set) var paths: [String] = []

  init() {}

  /// - Throws: `AWSError` where a file is there and cannot be read.
  init(environment: [String: String]) throws(AWSError) {
    let home = environment["HOME"] ?? ""
    let config = environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config"
    let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials"
    paths = [credentials, config].map { Self.path($0, home) }
    try add(paths[1], isConfig: true)
    try add(paths[0], isConfig: false)
  }

  subscript(name: String) -> [String: String]? { profiles[name] }

  /// What several profiles share of one way to log in: `[sso-session name]`.
  func session(_ name: String) -> [String: String]? { profiles[Self.sessionMark + name] }

  /// No profile's name has it: names end with their line.
  private static let sessionMark = "\n"

  private static func path(_ path: String, _ home: String) -> String {
    path.hasPrefix("~/") ? home + path.dropFirst(1) : path
  }

  private mutating func add(_ path: String, isConfig: Bool) throws(AWSError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let data = FileManager.default.contents(atPath: path), data.count <= Self.largest else {
      throw AWSError(
        service: "credentials", operation: "profile", code: AWSError.Codes.noCredentials,
        message: "\(path) cannot be read, or is larger than \(Self.largest) bytes")
    }
    for (name, values) in Self.sections(String(decoding: data, as: UTF8.self), isConfig: isConfig) {
      profiles[name, default: [:]].merge(values) { _, new in new }
    }
  }

  /// Sections `[name]`, in the config file `[profile name]` and `[default]`; indented lines belong to a nested value and
  /// are passed over.
  static func sections(_ text: String, isConfig: Bool) -> [String: [String: String]] {
    var sections: [String: [String: String]] = [:]
    var current: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let bare = line.trimmingCharacters(in: .whitespaces)
      guard let first = bare.first, first != "#", first != ";" else { continue }
      if first == "[" {
        current = section(bare, isConfig: isConfig)
        if let current, sections[current] == nil { sections[current] = [:] }
      } else if let current, line.first?.isWhitespace == false, let mark = bare.firstIndex(of: "=") {
        let name = bare[..<mark].trimmingCharacters(in: .whitespaces).lowercased()
        sections[current]?[name] = bare[bare.index(after: mark)...].trimmingCharacters(in: .whitespaces)
      }
    }
    return sections
  }

  private static func section(_ line: String, isConfig: Bool) -> String? {
    guard let end = line.firstIndex(of: "]") else { return nil }
    let name = line[line.index(after: line.startIndex)..<end].trimmingCharacters(in: .whitespaces)
    guard isConfig, name != "default" else { return name }
    if name.hasPrefix("sso-session"), name.dropFirst(11).first?.isWhitespace == true {
      return sessionMark + name.dropFirst(11).trimmingCharacters(in: .whitespaces)
    }
    guard name.hasPrefix("profile"), name.dropFirst(7).first?.isWhitespace == true else { return nil }
    return name.dropFirst(7).trimmingCharacters(in: .whitespaces)
  }
}
