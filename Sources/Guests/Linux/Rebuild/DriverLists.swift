/// Lists of words in shell assignments: `NAME="a b c"`. Pure text.
enum DriverLists {
  static func merged(_ old: [String], _ new: [String]) -> [String] {
    new.reduce(into: old) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The words that an assignment holds, or an addition (`NAME+=`).
  static func quoted(_ name: String, in text: String) -> [String] {
    for line in text.split(separator: "\n") {
      for sign in ["+=", "="] where line.hasPrefix(name + sign) {
        return words(line.dropFirst(name.count + sign.count))
      }
    }
    return []
  }

  /// Adds words to the last assignment of `name`, or a new one at the end. Words that are there stay where they are.
  static func adding(_ words: [String], toQuoted name: String, in text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let place = lines.lastIndex(where: { $0.hasPrefix(name + "=") }) else {
      if lines.last == "" { lines.removeLast() }
      return (lines + ["\(name)=\"\(words.joined(separator: " "))\"", ""]).joined(separator: "\n")
    }
    let old = self.words(lines[place].dropFirst(name.count + 1))
    let all = merged(old, words)
    if all != old { lines[place] = "\(name)=\"\(all.joined(separator: " "))\"" }
    return lines.joined(separator: "\n")
  }

  private static func words(_ value: Substring) -> [String] {
    let quote = value.first
    guard quote == "\"" || quote == "'" else {
      return value.prefix { !$0.isWhitespace && $0 != "#" }.split(separator: " ").map(String.init)
    }
    return value.dropFirst().prefix { $0 != quote }.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
