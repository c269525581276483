/// Files of `KEY=value` lines, with sections in brackets or without. Pure text.
enum KeyValueText {
  struct Row: Sendable, Hashable {
    var section: String
    var key: String
    var value: String
  }

  static func sections(_ text: String) -> [Row] {
    var section = ""
    var rows: [Row] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let line = trimmed(line)
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
      } else if !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") {
        rows.append(
          Row(
            section: section, key: String(trimmed(line[..<equals])),
            value: unquoted(trimmed(line[line.index(after: equals)...]))))
      }
    }
    return rows
  }

  /// The same of a file without sections.
  static func rows(_ text: String) -> [Row] { sections(text) }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return text
  }

  static func unquoted(_ text: Substring) -> String {
    guard text.count > 1, let first = text.first, first == text.last, first == "\"" || first == "'" else {
      return String(text)
    }
    return String(text.dropFirst().dropLast())
  }
}
