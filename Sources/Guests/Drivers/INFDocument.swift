import Foundation

/// The sections of an INF file, with its strings put in. Section names and keys are compared without regard to case.
struct INFDocument: Sendable, Hashable {
  /// A line of a section: `key = value, value, …`, or values alone.
  struct Line: Sendable, Hashable {
    var key: String?
    var values: [String]

    /// The value at `place`; nil where there is none or it is empty.
    func value(_ place: Int) -> String? {
      guard values.indices.contains(place), !values[place].isEmpty else { return nil }
      return values[place]
    }
  }

  private static let maxLines = 200_000

  private(set) var sections: [String: [Line]] = [:]

  init(_ text: String) {
    var raw: [String: [Substring]] = [:]
    var section = ""
    for line in Self.logicalLines(text).prefix(Self.maxLines) {
      if line.first == "[", let end = line.lastIndex(of: "]") {
        section = line[line.index(after: line.startIndex)..<end].trimmingCharacters(in: .whitespaces).lowercased()
        raw[section, default: []] += []
      } else {
        raw[section, default: []].append(Substring(line))
      }
    }
    let strings = Self.strings(raw)
    for (name, lines) in raw {
      sections[name] = lines.map { Self.line($0, strings) }
    }
  }

  func lines(_ section: String) -> [Line] { sections[section.lowercased()] ?? [] }

  func has(_ section: String) -> Bool { sections[section.lowercased()] != nil }

  /// All lines of a section with that key.
  func lines(_ section: String, key: String) -> [Line] {
    lines(section).filter { $0.key?.caseInsensitiveCompare(key) == .orderedSame }
  }

  /// The first value of a key.
  func value(_ section: String, _ key: String) -> String? {
    lines(section, key: key).lazy.compactMap { $0.value(0) }.first
  }

  // MARK: Reading

  /// Lines without comments, those that a backslash at their end continues joined.
  private static func logicalLines(_ text: String) -> [String] {
    var lines: [String] = []
    var open = ""
    for physical in text.split(whereSeparator: \.isNewline) {
      var line = withoutComment(physical).trimmingCharacters(in: .whitespaces)
      let goesOn = line.last == "\\" && isContinuation(line)
      if goesOn { line.removeLast() }
      open += line
      if goesOn { continue }
      if !open.isEmpty { lines.append(open) }
      open = ""
    }
    if !open.isEmpty { lines.append(open) }
    return lines
  }

  /// A backslash after a comma or a space continues; one that ends a path does not.
  private static func isContinuation(_ line: String) -> Bool {
    guard let before = line.dropLast().last else { return true }
    return before == "," || before == "=" || before.isWhitespace
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    guard line.contains(";") else { return line }
    var quoted = false
    for index in line.indices {
      if line[index] == "\"" { quoted.toggle() }
      if line[index] == ";", !quoted { return line[..<index] }
    }
    return line
  }

  /// `[Strings]`, over which a language's own section does not go: names that matter are not translated.
  private static func strings(_ raw: [String: [Substring]]) -> [String: String] {
    var strings: [String: String] = [:]
    for name in raw.keys.sorted() where name == "strings" || name.hasPrefix("strings.") {
      for line in raw[name] ?? [] {
        let parts = Self.split(line, at: "=", limit: 2)
        guard parts.count == 2 else { continue }
        let key = parts[0].trimmingCharacters(in: .whitespaces).lowercased()
        if strings[key] == nil { strings[key] = unquoted(parts[1]) }
      }
    }
    return strings
  }

  private static func line(_ text: Substring, _ strings: [String: String]) -> Line {
    let halves = split(text, at: "=", limit: 2)
    let key = halves.count == 2 ? resolved(unquoted(halves[0]), strings) : nil
    let rest = halves.count == 2 ? halves[1] : text
    let values = split(rest, at: ",", limit: 256).map { resolved(unquoted($0), strings) }
    return Line(key: key, values: values)
  }

  private static func split(_ text: Substring, at separator: Character, limit: Int) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var quoted = false
    for index in text.indices {
      if text[index] == "\"" { quoted.toggle() }
      guard text[index] == separator, !quoted, parts.count < limit - 1 else { continue }
      parts.append(text[start..<index])
      start = text.index(after: index)
    }
    parts.append(text[start...])
    return parts
  }

  /// Without the quotes, two of which within stand for one.
  private static func unquoted(_ text: Substring) -> String {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    guard trimmed.contains("\"") else { return trimmed }
    return trimmed.replacing("\"\"", with: "\u{0}").replacing("\"", with: "").replacing("\u{0}", with: "\"")
  }

  /// With `%name%` replaced by its string; `%%` is a percent sign, and a number such as `%12%` names a folder.
  private static func resolved(_ text: String, _ strings: [String: String]) -> String {
    guard text.contains("%") else { return text }
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "%") {
      result += rest[..<start]
      let after = rest[rest.index(after: start)...]
      guard let end = after.firstIndex(of: "%") else {
        rest = rest[start...]
        break
      }
      let name = after[..<end]
      if name.isEmpty {
        result += "%"
      } else {
        result += strings[name.lowercased()] ?? "%\(name)%"
      }
      rest = after[after.index(after: end)...]
      if rest.isEmpty { return result }
    }
    return result + rest
  }
}
