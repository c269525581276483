import Support

/// Rewrites device names in a guest's configuration to names that any controller keeps. Pure text; the caller looks up.
struct DeviceNameRewrite {
  /// What to write instead of a name.
  enum Answer: Hashable, Sendable {
    case use(String)
    /// The name stays, and somebody should know why.
    case keep(String)
  }

  /// What a file's lines became.
  struct Outcome: Hashable, Sendable {
    var text: String
    var changes: [LineChange] = []
    var warnings: [String] = []
  }

  struct LineChange: Hashable, Sendable {
    var before: String
    var after: String
  }

  /// Answers for a device name, with the filesystem type that the file gives it, if it gives one.
  typealias Lookup = (DeviceName, String?) throws(AscendError) -> Answer

  /// The same, with the name as it is written.
  typealias WrittenLookup = (DeviceName, String?, String) throws(AscendError) -> Answer

  /// A table such as fstab (device first, type third) or crypttab (device second).
  static func table(
    _ text: String, device column: Int, type typeColumn: Int?, _ lookup: Lookup
  ) throws(AscendError) -> Outcome {
    try table(text, device: column, type: typeColumn) { name, type, _ throws(AscendError) in try lookup(name, type) }
  }

  static func table(
    _ text: String, device column: Int, type typeColumn: Int?, _ lookup: WrittenLookup
  ) throws(AscendError) -> Outcome {
    try lines(text) { line throws(AscendError) in
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count > column, let first = fields.first, !first.hasPrefix("#") else { return [] }
      let type = typeColumn.flatMap { $0 < fields.count ? String(fields[$0]) : nil }
      return [(fields[column], type)]
    } _: { name, type, written throws(AscendError) in
      try lookup(name, type, written)
    }
  }

  /// Kernel parameters `root=` and `resume=` on the lines that `applies` chooses.
  static func kernelParameters(
    _ text: String, on applies: (Substring) -> Bool, _ lookup: Lookup
  ) throws(AscendError) -> Outcome {
    try lines(text) { line throws(AscendError) in
      guard applies(line) else { return [] }
      return line.matches(of: /(?:^|[\s"'=])(?:root|resume)=(\/dev\/[^\s"']+)/).map { ($0.output.1, nil) }
    } _: { name, type, _ throws(AscendError) in
      try lookup(name, type)
    }
  }

  /// A shell assignment such as `RESUME=/dev/sda5`.
  static func assignment(_ variable: String, _ text: String, _ lookup: Lookup) throws(AscendError) -> Outcome {
    try lines(text) { line throws(AscendError) in
      let halves = line.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, halves[0] == variable else { return [] }
      let value = halves[1].drop { $0 == "\"" || $0 == "'" }.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
      return [(value, "swap")]
    } _: { name, type, _ throws(AscendError) in
      try lookup(name, type)
    }
  }

  /// Whether a line of grub.cfg loads a kernel.
  static func loadsKernel(_ line: Substring) -> Bool {
    let command = line.split(whereSeparator: \.isWhitespace).first ?? ""
    return ["linux", "linux16", "linuxefi"].contains(command)
  }

  /// Whether a line of /etc/default/grub sets kernel parameters.
  static func setsKernelParameters(_ line: Substring) -> Bool {
    line.drop(while: \.isWhitespace).hasPrefix("GRUB_CMDLINE_LINUX")
  }

  private static func lines(
    _ text: String, _ find: (Substring) throws(AscendError) -> [(Substring, String?)], _ lookup: WrittenLookup
  ) throws(AscendError) -> Outcome {
    var outcome = Outcome(text: "")
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var changed = ""
      var copied = line.startIndex
      for (found, type) in try find(line) {
        guard let name = DeviceName(found) else { continue }
        switch try lookup(name, type, String(found)) {
        case .use(let stable):
          changed += line[copied..<found.startIndex] + stable
          copied = found.endIndex
        case .keep(let reason):
          outcome.warnings.append("\(found) was left as it is: \(reason)")
        }
      }
      changed += line[copied...]
      if changed != line { outcome.changes.append(LineChange(before: String(line), after: changed)) }
      lines.append(changed)
    }
    outcome.text = lines.joined(separator: "\n")
    return outcome
  }
}
