/// An entry of the Boot Loader Specification (type 1): one `key value` a line.
struct LoaderEntry: Hashable, Sendable {
  var version: String?
  var linux: String
  var initrd: [String]

  /// Nil for text that names no kernel.
  init?(_ text: String) {
    var linux: String?
    initrd = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1 else { continue }
      switch words[0] {
      case "version": version = String(words[1])
      case "linux": linux = String(words[1])
      // Variables stand for files that only the loader knows.
      case "initrd": initrd += words[1...].filter { !$0.hasPrefix("$") }.map(String.init)
      default: break
      }
    }
    guard let linux else { return nil }
    self.linux = linux
  }
}
