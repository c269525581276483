/// Adds arguments to the kernel's command line in boot loader files. Pure text.
struct KernelArguments {
  let arguments: [String]

  func added(to text: String, _ syntax: LoaderFiles.Syntax) -> DeviceNameRewrite.Outcome {
    var outcome = DeviceNameRewrite.Outcome(text: text)
    guard !arguments.isEmpty else { return outcome }
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let new = syntax.takesArguments(line) ? added(to: line) : String(line)
      if new != line { outcome.changes.append(.init(before: String(line), after: new)) }
      lines.append(new)
    }
    outcome.text = lines.joined(separator: "\n")
    return outcome
  }

  private func added(to line: Substring) -> String {
    var missing = arguments.filter { !Self.has($0, line) }
    // The last console is the one that programs write to: what is there is not put behind another.
    if let console = arguments.last(where: Self.isConsole), !missing.contains(console) {
      missing.removeAll(where: Self.isConsole)
    }
    guard !missing.isEmpty else { return String(line) }
    let addition = missing.joined(separator: " ")
    // Inside the quotes of an assignment, if it has them.
    let end = line.lastIndex { !$0.isWhitespace } ?? line.startIndex
    if line.contains("="), line[end] == "\"" || line[end] == "'", let first = line.firstIndex(of: line[end]),
      first < end
    {
      let gap = line.index(before: end) == first ? "" : " "
      return "\(line[..<end])\(gap)\(addition)\(line[end...])"
    }
    return "\(line) \(addition)"
  }

  private static func isConsole(_ argument: String) -> Bool { argument.hasPrefix("console=") }

  /// A console counts as there with any speed.
  static func has(_ argument: String, _ line: Substring) -> Bool {
    let words = line.split { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    let device = argument.hasPrefix("console=") ? argument.prefix { $0 != "," } : nil
    return words.contains { word in
      // The first of an assignment hangs on its name.
      let word = word.hasPrefix("GRUB_CMDLINE") ? word.drop { $0 != "=" }.dropFirst() : word
      if let device { return word == device || word.hasPrefix(device + ",") }
      return word == argument
    }
  }
}
