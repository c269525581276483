import Foundation

/// How the command processor takes a line apart.
enum CommandText {
  /// Arguments and variables, as the command processor puts them in before it looks at anything else.
  static func expanded(
    _ line: String, _ arguments: [String], _ variables: [String: String]
  ) throws -> String {
    var result = ""
    var rest = Substring(line)
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[rest.index(after: percent)...]
      if rest.first == "%" {
        result += "%"
        rest.removeFirst()
      } else if rest.first == "*" {
        result += arguments.joined(separator: " ")
        rest.removeFirst()
      } else if rest.first == "~" {
        let place = Int(String(rest.dropFirst().prefix(1))) ?? 0
        result += arguments.indices.contains(place - 1) ? arguments[place - 1].replacing("\"", with: "") : ""
        rest = rest.dropFirst(2)
      } else if let end = rest.firstIndex(of: "%") {
        let name = rest[..<end].lowercased()
        result += variables[name] ?? ""
        rest = rest[rest.index(after: end)...]
      } else {
        throw CommandScript.NotUnderstood(line: line)
      }
    }
    return result + rest
  }

  /// Divided at spaces that are not in quotes.
  static func words(_ text: String) -> [String] {
    var words = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if character == " ", !isQuoted {
        words.append("")
      } else {
        words[words.count - 1].append(character)
      }
    }
    return words.filter { !$0.isEmpty }
  }

  /// Takes them out. A digit before one would be the number of a stream, as for the command processor.
  static func redirections(
    _ line: String
  ) -> (command: String, output: (path: String, appends: Bool)?, input: String?) {
    var (output, input): ((String, Bool)?, String?)
    var kept = ""
    var rest = Substring(line)
    var isQuoted = false
    while let character = rest.first {
      if character == "\"" { isQuoted.toggle() }
      guard !isQuoted, character == ">" || character == "<" else {
        kept.append(character)
        rest.removeFirst()
        continue
      }
      let stream = kept.last.flatMap(\.wholeNumberValue)
      let isNumbered = stream != nil && kept.dropLast().last.map { $0 == " " } ?? true
      if isNumbered { kept.removeLast() }
      let appends = rest.hasPrefix(">>")
      rest = rest.dropFirst(appends ? 2 : 1)
      let target: String
      if rest.first == "\"" {
        let end = rest.dropFirst().firstIndex(of: "\"") ?? rest.endIndex
        target = String(rest[..<end]).replacing("\"", with: "")
        rest = end < rest.endIndex ? rest[rest.index(after: end)...] : ""
      } else {
        target = String(rest.prefix { $0 != " " })
        rest = rest.dropFirst(target.count)
      }
      guard target != "nul", !target.hasPrefix("&") else { continue }
      if character == "<" {
        input = target
      } else if !isNumbered || stream == 1 {
        output = (target, appends)
      }
    }
    return (kept.trimmingCharacters(in: .whitespaces), output, input)
  }
}

extension String {
  /// What follows a beginning; nil where it begins otherwise.
  func after(_ start: String) -> String? { hasPrefix(start) ? String(dropFirst(start.count)) : nil }
}
