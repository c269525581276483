/// A value of a parsed JSON document. Numbers keep their text, so that no digit is lost.
enum JSONNode: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONNode])
  case object([String: JSONNode])

  /// The member of an object, or nil where this is no object or has no such member.
  subscript(key: String) -> JSONNode? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  var members: [String: JSONNode]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// The text of a string or a number: identifiers come as either.
  var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }

  /// Whether it says nothing: null, an empty text, or a list or object of nothing but such values.
  var isBlank: Bool {
    switch self {
    case .null: true
    case .bool, .number: false
    case .string(let text): text.isEmpty
    case .array(let values): values.allSatisfy(\.isBlank)
    case .object(let members): members.values.allSatisfy(\.isBlank)
    }
  }

  /// Words in the names of members whose values are nobody's business.
  private static let secretWords = [
    "password", "secret", "token", "credential", "privatekey", "userdata", "user_data", "customdata", "passphrase",
    "cloudinit", "cloud_init", "sysprep",
  ]

  static func isSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    return secretWords.contains { name.contains($0) }
  }

  /// It again as text, for people and cut short.
  func shown(_ limit: Int = 200) -> String {
    var text = ""
    write(to: &text, limit)
    return text.count > limit ? String(text.prefix(limit)) + "…" : text
  }

  private func write(to text: inout String, _ limit: Int) {
    guard text.utf8.count <= limit * 4 else { return }
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += value
    case .string(let value): text += value.prefix(limit + 1)
    case .array(let values):
      for (place, value) in values.enumerated() {
        if place > 0 { text += ", " }
        value.write(to: &text, limit)
      }
    case .object(let members):
      for (place, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if place > 0 { text += ", " }
        text += member.key.prefix(80) + ": "
        if Self.isSecret(member.key) { text += "…" } else { member.value.write(to: &text, limit) }
      }
    }
  }
}
