/// Sentences one after the other, whether or not each brings its own full stop.
public enum Sentences {
  public static func joined(_ parts: [String?]) -> String {
    parts.compactMap { $0?.trimmedEnd }.filter { !$0.isEmpty }.joined(separator: ". ")
  }
}

extension String {
  /// Without white space and full stops at its end.
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while let last = text.last, last == "." || last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
