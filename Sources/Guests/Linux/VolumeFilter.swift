/// The filters of LVM's settings, which say by their names which devices it looks at. Pure text.
enum VolumeFilter {
  /// Disks and their partitions by the names that any controller gives them.
  static let anyDisk = "a|^/dev/(sd|hd|vd|xvd|nvme)[a-z0-9]*$|"

  /// The settings with that pattern in front of the one that rejects all else, wherever a filter accepts devices by names
  /// of the old hardware: LVM would find none of its volumes on the new one. What a filter rejects before stays rejected.
  static func widened(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstMatch(of: /(?:^|\n)[ \t]*(?:global_)?filter[ \t]*=[ \t]*\[/) {
      result += rest[..<start.range.upperBound]
      rest = rest[start.range.upperBound...]
      let patterns = patterns(rest)
      let acceptsOld = patterns.contains { pattern in
        let text = rest[pattern]
        return text.hasPrefix("a") && text.contains(/\/dev\/\(?(?:sd|hd|vd|xvd|nvme|disk\/by-(?:id|path)|cciss)/)
      }
      guard acceptsOld, !patterns.contains(where: { rest[$0] == anyDisk }),
        let last = patterns.first(where: { rejectsAll(rest[$0]) })
      else { continue }
      // In front of its opening quote.
      let place = rest.index(before: last.lowerBound)
      result += "\(rest[..<place])\"\(anyDisk)\", "
      rest = rest[place...]
    }
    return result + rest
  }

  /// What stands between quotes, up to the bracket that ends the list.
  private static func patterns(_ text: Substring) -> [Range<Substring.Index>] {
    var found: [Range<Substring.Index>] = []
    var index = text.startIndex
    while index < text.endIndex, text[index] != "]", found.count < 256 {
      if text[index] == "#" {
        index = text[index...].firstIndex(of: "\n") ?? text.endIndex
      } else if text[index] == "\"" {
        let start = text.index(after: index)
        guard let end = text[start...].firstIndex(where: { $0 == "\"" || $0 == "\n" }), text[end] == "\"" else {
          return []
        }
        found.append(start..<end)
        index = text.index(after: end)
      } else {
        index = text.index(after: index)
      }
    }
    return found
  }

  /// `r|.*|`, with whatever character stands around the pattern.
  private static func rejectsAll(_ pattern: Substring) -> Bool {
    guard pattern.count > 2, pattern.first == "r" else { return false }
    let delimiter = pattern[pattern.index(after: pattern.startIndex)]
    let closing: [Character: Character] = ["(": ")", "[": "]", "{": "}"]
    guard pattern.last == closing[delimiter] ?? delimiter else { return false }
    return [".*", ".", "^.*", "^.*$", ".*/", "^/.*", "/dev/.*", "^/dev/.*"].contains(
      pattern.dropFirst(2).dropLast())
  }
}
