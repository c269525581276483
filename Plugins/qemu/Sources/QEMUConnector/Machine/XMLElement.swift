/// An XML element to write; every text and attribute is escaped.
struct XMLElement: Sendable {
  var name: String
  var attributes: [(name: String, value: String)]
  var text: String?
  var children: [XMLElement]

  init(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String? = nil,
    children: [XMLElement] = []
  ) {
    self.name = name
    self.attributes = attributes.map { (name: $0.key, value: $0.value) }
    self.text = text
    self.children = children
  }

  func render(indent: String = "") -> String {
    let head = indent + "<" + name + attributes.map { " \($0.name)=\"\(Self.escape($0.value))\"" }.joined()
    if let text { return head + ">" + Self.escape(text) + "</\(name)>\n" }
    if children.isEmpty { return head + "/>\n" }
    return head + ">\n" + children.map { $0.render(indent: indent + "  ") }.joined() + indent + "</\(name)>\n"
  }

  /// Characters that XML 1.0 cannot hold are left out; the rest of its special ones become references.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
