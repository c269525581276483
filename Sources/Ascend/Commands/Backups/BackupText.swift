import Backups
import ConnectorProtocol
import Disks
import Restore
import Support

/// A backup as people read it.
enum BackupText {
  /// - Parameter mostLosses: How many of the properties that are not carried are listed; the rest are counted.
  static func summary(_ record: BackupRecord, mostLosses: Int = .max) -> String {
    let machine = record.backup.machine
    var lines = [
      "Backup \(record.label)",
      "  id        \(record.id)",
      "  platform  \(record.sourcePlatform) (\(record.kind))",
      "  path      \(record.path)",
      "  machine   \(machine.cpu.count) CPU, \(Format.bytes(machine.memoryBytes)) memory, "
        + machine.firmware.type.rawValue + (machine.firmware.secureBoot ? " with secure boot" : ""),
    ]
    if let taken = record.takenAt { lines.insert("  taken     \(Timestamp.text(taken))", at: 4) }
    if let guest = machine.guest?.name ?? machine.guest?.sourceID { lines.append("  guest     \(guest)") }
    for disk in record.backup.disks {
      let formats = disk.chain.layers.map(\.format.rawValue).joined(separator: " ← ")
      let boots = machine.disks.first { $0.index == disk.index }?.boot == true
      let boot = boots ? ", boots" : ""
      lines.append("  disk \(disk.index)    \(Format.bytes(disk.chain.virtualSizeBytes)) (\(formats)\(boot))")
      if let content = record.content(of: disk.index) { lines.append("            \(content.digest)") }
    }
    for nic in machine.nics {
      let parts = [nic.model, nic.mac, nic.network.map { "on \($0)" }].compactMap { $0 }
      lines.append("  nic \(nic.index)     \(parts.joined(separator: ", "))")
    }
    lines += points(record)
    for finding in record.backup.findings { lines.append("  note      \(finding)") }
    let losses = record.backup.losses
    for loss in losses.prefix(mostLosses) { lines.append("  not carried  \(loss.property): \(loss.why)") }
    if losses.count > mostLosses {
      lines.append(
        "  not carried  \(losses.count - mostLosses) more properties: `ascend backups show \(record.name)` lists them")
    }
    return lines.map(plain).joined(separator: "\n")
  }

  private static func points(_ record: BackupRecord) -> [String] {
    let points = record.backup.points
    return points.enumerated().map { place, point in
      let what = [point.name == point.id ? nil : point.name, point.takenAt].compactMap { $0 }.joined(separator: ", ")
      let head = place == 0 ? "  points    " : "            "
      return head + "@\(point.id)" + (what.isEmpty ? "" : " (\(what))")
        + (place == points.count - 1 ? ", the newest" : "")
    }
  }

  /// Names come from backups: none of them may steer the terminal.
  fileprivate static func plain(_ line: String) -> String {
    String(
      String.UnicodeScalarView(
        line.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" ? "\u{FFFD}" : $0 }))
  }
}
