/// A block of lines of ours in a configuration file that belongs to somebody else.
enum MarkedBlock {
  static let begin = "# BEGIN ascend: drivers of the platform that this machine was restored to"
  static let end = "# END ascend"

  /// `text` with a block that holds `lines`; what the block already held is kept. The same lines again change nothing.
  static func adding(_ lines: [String], to text: String) -> String {
    var before: [Substring] = []
    var held: [String] = []
    var after: [Substring] = []
    var place = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      switch place {
      case 0 where line == begin: place = 1
      case 0: before.append(line)
      case 1 where line == end: place = 2
      case 1: held.append(String(line))
      default: after.append(line)
      }
    }
    // A block without its end is somebody's edit: nothing of theirs is taken for ours.
    if place == 1 {
      before.append(contentsOf: [Substring(begin)] + held.map { Substring($0) })
      held = []
    }
    let wanted = held + lines.filter { !held.contains($0) }
    if before.last == "" { before.removeLast() }
    if after.isEmpty || after.first != "" && place != 2 { after = [""] }
    let block = [begin] + wanted + [end]
    return (before.map(String.init) + block + after.map(String.init)).joined(separator: "\n")
  }
}
