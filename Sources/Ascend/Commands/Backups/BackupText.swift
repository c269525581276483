import Backups
import ConnectorProtocol
import Disks
import Restore
import Support

/// A backup as people read it.
enum BackupText {
  static func summary(_ record: BackupRecord) -> String {
    let machine = record.backup.machine
    var lines = [
      "Backup \(record.name)",
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
    for finding in record.backup.findings { lines.append("  note      \(finding)") }
    for loss in record.backup.losses { lines.append("  not carried  \(loss.property): \(loss.why)") }
    return lines.joined(separator: "\n")
  }
}
