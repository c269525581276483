import Support

/// fstab, as far as it decides whether the guest starts without one of its disks. Pure text.
enum MountTable {
  struct Row: Hashable, Sendable {
    var device: String
    /// `none` or `swap` for swap space.
    var path: String
    var type: String
    var options: [String]

    /// Nil for a line that mounts nothing.
    init?(_ line: Substring) {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count > 2, !fields[0].hasPrefix("#") else { return nil }
      device = String(fields[0])
      path = String(fields[1])
      type = String(fields[2])
      options = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
    }

    /// Nothing starts without these, whatever is written beside them.
    var isSystem: Bool { ["/", "/usr", "/boot"].contains(path) }

    /// The start waits for its device, and ends in a shell for repairs when that does not come.
    ///
    /// What comes over a network is waited for otherwise, and may well be there.
    var isAwaited: Bool {
      let spared: Set = ["noauto", "nofail", "_netdev", "x-systemd.automount", "comment=systemd.automount"]
      return !options.contains(where: spared.contains) && !options.contains("bind") && !options.contains("rbind")
    }
  }

  static func rows(_ text: String) -> [Row] {
    text.split(whereSeparator: \.isNewline).prefix(4096).compactMap { Row($0) }
  }

  /// The table with `nofail` beside each device that is awaited and lost: the guest starts without it.
  ///
  /// - Parameter isLost: Whether the device that a row names is on none of the machine's disks.
  static func forgiving(
    _ text: String, _ isLost: (Row) throws(AscendError) -> Bool
  ) throws(AscendError) -> DeviceNameRewrite.Outcome {
    var outcome = DeviceNameRewrite.Outcome(text: text)
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard let row = Row(line), row.isAwaited, try isLost(row) else {
        lines.append(String(line))
        continue
      }
      if row.isSystem {
        outcome.warnings.append(
          "\(row.device), for \(row.path), is on no disk of the backup: the guest needs it to start")
        lines.append(String(line))
        continue
      }
      let new = addingNoFail(line)
      outcome.changes.append(.init(before: String(line), after: new))
      outcome.warnings.append(
        "\(row.device), for \(row.path), is on no disk of the backup: it is not waited for at the start (nofail)")
      lines.append(new)
    }
    outcome.text = lines.joined(separator: "\n")
    return outcome
  }

  private static func addingNoFail(_ line: Substring) -> String {
    let fields = line.split(whereSeparator: \.isWhitespace)
    guard fields.count > 3 else {
      return "\(line[..<fields[2].endIndex]) defaults,nofail\(line[fields[2].endIndex...])"
    }
    return "\(line[..<fields[3].endIndex]),nofail\(line[fields[3].endIndex...])"
  }
}
