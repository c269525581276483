/// A file of `[section]`s and `key=value` lines. Pure text; what is not changed stays as it is.
struct IniText {
  private var lines: [String]

  init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  var text: String { lines.joined(separator: "\n") }

  /// The first value of a key in any section of that name.
  subscript(section: String, key: String) -> String? {
    for index in indices(of: section) {
      if let value = value(lines[index], key) { return value }
    }
    return nil
  }

  /// Takes all keys that match out of a section.
  mutating func remove(_ section: String, where matches: (_ key: String) -> Bool) {
    let doomed = indices(of: section).filter { index in
      guard let equals = lines[index].firstIndex(of: "="), !lines[index].hasPrefix("#") else { return false }
      return matches(lines[index][..<equals].trimmed)
    }
    for index in doomed.reversed() { lines.remove(at: index) }
  }

  /// Adds lines at the end of the first section of that name, which is made where it is missing.
  mutating func add(_ section: String, _ new: [(key: String, value: String)]) {
    let rows = new.map { "\($0.key)=\($0.value)" }
    guard let header = lines.firstIndex(where: { $0.trimmedAll == "[\(section)]" }) else {
      if lines.last == "" { lines.removeLast() }
      lines += (lines.isEmpty ? [] : [""]) + ["[\(section)]"] + rows + [""]
      return
    }
    var end = header + 1
    while end < lines.count, !lines[end].trimmedAll.hasPrefix("[") { end += 1 }
    while end > header + 1, lines[end - 1].trimmedAll.isEmpty { end -= 1 }
    lines.insert(contentsOf: rows, at: end)
  }

  /// Takes whole sections out.
  mutating func removeSections(_ names: Set<String>) {
    var kept: [String] = []
    var doomed = false
    for line in lines {
      let text = line.trimmedAll
      if text.hasPrefix("["), text.hasSuffix("]") { doomed = names.contains(String(text.dropFirst().dropLast())) }
      if !doomed { kept.append(line) }
    }
    lines = kept
  }

  private func indices(of section: String) -> [Int] {
    var inside = false
    return lines.indices.filter { index in
      let line = lines[index].trimmedAll
      if line.hasPrefix("["), line.hasSuffix("]") {
        inside = line == "[\(section)]"
        return false
      }
      return inside
    }
  }

  private func value(_ line: String, _ key: String) -> String? {
    guard let equals = line.firstIndex(of: "="), line[..<equals].trimmed == key else { return nil }
    return line[line.index(after: equals)...].trimmed
  }
}

extension Substring {
  var trimmed: String {
    var part = drop(while: \.isWhitespace)
    while part.last?.isWhitespace == true { part = part.dropLast() }
    return String(part)
  }
}

extension String {
  var trimmedAll: String { self[...].trimmed }
}
