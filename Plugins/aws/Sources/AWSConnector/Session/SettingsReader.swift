import ConnectorKit
import ConnectorProtocol

/// Reads the members of a form by their types.
struct SettingsReader {
  static let texts: Set<String> = [
    "region", "accessKeyId", "profile", "roleArn", "externalId", "subnetId", "keyName", "instanceType", "volumeType",
    "kmsKeyId", "bucket", "delivery", "endpoint", "caFile", "proxy",
  ]
  static let others: Set<String> = ["securityGroupIds", "endpoints", "pathStyle"]

  var members: [String: JSONValue]

  func checkNames(_ report: (Diagnostic) -> Void) {
    for name in members.keys.sorted() where !Self.texts.contains(name) && !Self.others.contains(name) {
      report(Settings.unknown(name))
    }
  }

  /// All members that are one line of text; those that are empty count as not given.
  func texts(_ report: (Diagnostic) -> Void) -> [String: String] {
    var found: [String: String] = [:]
    for name in Self.texts.sorted() {
      guard let value = members[name], value != .null else { continue }
      guard let text = Settings.line(value) else {
        report(Settings.problem(name, "The setting '\(name)' is no text of one line.", action: "Write it as text."))
        continue
      }
      if !text.isEmpty { found[name] = text }
    }
    return found
  }

  func list(_ name: String, _ report: (Diagnostic) -> Void) -> [String] {
    guard let value = members[name], value != .null else { return [] }
    guard let items = value.arrayValue, items.count <= 16, items.allSatisfy({ Settings.line($0) != nil }) else {
      report(Settings.problem(name, "The setting '\(name)' is no list of up to 16 texts."))
      return []
    }
    return items.compactMap(Settings.line).filter { !$0.isEmpty }
  }

  func group(_ name: String, _ report: (Diagnostic) -> Void) -> [String: String] {
    guard let value = members[name], value != .null else { return [:] }
    guard let items = value.objectValue, items.values.allSatisfy({ $0 == .null || Settings.line($0) != nil }) else {
      report(Settings.problem(name, "The setting '\(name)' is no group of texts."))
      return [:]
    }
    return items.compactMapValues(Settings.line).filter { !$0.value.isEmpty }
  }

  func flag(_ name: String, _ report: (Diagnostic) -> Void) -> Bool? {
    guard let value = members[name], value != .null else { return nil }
    guard let flag = value.boolValue else {
      report(Settings.problem(name, "The setting '\(name)' is neither true nor false."))
      return nil
    }
    return flag
  }
}
