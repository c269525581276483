/// A file of shell assignments, one a line: `NAME=value`, `NAME="value"`. Pure text; order and comments stay.
struct ShellSettings {
  private var lines: [String]

  init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  var text: String { lines.joined(separator: "\n") }

  /// The last value given.
  subscript(name: String) -> String? {
    guard let line = lines.last(where: { $0.hasPrefix(name + "=") }) else { return nil }
    let value = line.dropFirst(name.count + 1)
    if let quote = value.first, quote == "\"" || quote == "'" {
      return String(value.dropFirst().prefix { $0 != quote })
    }
    return String(value.prefix { !$0.isWhitespace })
  }

  mutating func set(_ name: String, _ value: String) {
    let line = "\(name)=\"\(value)\""
    if let index = lines.lastIndex(where: { $0.hasPrefix(name + "=") }) {
      if self[name] != value { lines[index] = line }
    } else if lines.last == "" {
      lines.insert(line, at: lines.count - 1)
    } else {
      lines += [line, ""]
    }
  }

  mutating func remove(where matches: (_ name: String) -> Bool) {
    lines.removeAll { line in
      guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { return false }
      return matches(String(line[..<equals]))
    }
  }
}
