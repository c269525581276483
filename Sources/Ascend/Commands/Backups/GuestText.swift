import ConnectorProtocol
import Foundation
import Support

/// What was found inside a guest, as people read it.
enum GuestText {
  static func facts(_ facts: GuestFacts) -> String {
    var lines = [
      facts.understood
        ? "Guest \(facts.productName ?? facts.distribution ?? facts.family ?? "")"
        : "The guest is not understood: \(facts.reason ?? "no reason is known")"
    ]
    lines += system(facts) + storage(facts) + facts.kernels.flatMap(kernel) + network(facts)
    for note in facts.notes ?? [] { lines.append(row("note", note)) }
    return lines.map(plain).joined(separator: "\n")
  }

  /// The words are the guest's: none of them may steer the terminal.
  private static func plain(_ line: String) -> String {
    String(
      String.UnicodeScalarView(
        line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }

  private static func row(_ name: String, _ value: String) -> String {
    "  " + name.padding(toLength: 14, withPad: " ", startingAt: 0) + value
  }

  private static func list(_ name: String, _ values: [String]?) -> [String] {
    guard let values, !values.isEmpty else { return [] }
    return [row(name, values.joined(separator: ", "))]
  }

  private static func system(_ facts: GuestFacts) -> [String] {
    var lines: [String] = []
    let words = [facts.family, facts.distribution, facts.version, facts.edition, facts.architecture].compactMap(\.self)
    if !words.isEmpty { lines.append(row("system", words.joined(separator: " "))) }
    if let build = facts.build { lines.append(row("build", "\(build)" + (facts.release.map { " (\($0))" } ?? ""))) }
    lines += list("systems", facts.systems)
    if let hostname = facts.hostname { lines.append(row("host name", hostname)) }
    if let firmware = facts.firmware {
      let others = (facts.possibleFirmware ?? []).filter { $0 != firmware }.map(\.rawValue)
      lines.append(
        row("boots with", firmware.rawValue + (others.isEmpty ? "" : ", or \(others.joined(separator: ", "))")))
    }
    if let disk = facts.bootDisk {
      lines.append(row("boots from", "disk \(disk)" + (facts.partitionTable.map { " (\($0))" } ?? "")))
    }
    if let loader = facts.bootLoader { lines.append(row("boot loader", loader)) }
    if let tool = facts.initramfsTool { lines.append(row("initramfs by", tool)) }
    if let preparable = facts.preparable {
      lines.append(row("drivers", preparable ? "can be put in" : "cannot be put in by this version"))
    }
    if let drivers = facts.drivers, !drivers.isEmpty { lines.append(row("", "has \(drivers.joined(separator: " "))")) }
    if facts.hibernated == true { lines.append(row("hibernated", "yes")) }
    if facts.fastStartup == true { lines.append(row("fast start-up", "on")) }
    return lines + list("agents", facts.agents) + list("safeguards", facts.safeguards)
  }

  private static func storage(_ facts: GuestFacts) -> [String] {
    var lines = list("encryption", facts.encryption) + list("volumes by", facts.volumeManagers)
    for volume in facts.lockedVolumes ?? [] {
      let uuid = volume.uuid.map { ", UUID \($0)" } ?? ""
      lines.append(row("locked", "\(volume.device) (\(volume.type)\(uuid)): give its key with --key"))
    }
    for (path, bytes) in (facts.freeBytes ?? [:]).sorted(by: { $0.key < $1.key }) {
      let inodes = facts.freeInodes?[path].map { ", \($0) files" } ?? ""
      lines.append(row("free in", "\(path): \(Format.bytes(bytes))\(inodes)"))
    }
    for mount in facts.missingMounts ?? [] {
      lines.append(row("not in backup", "\(mount.device), for \(mount.path)"))
    }
    for filesystem in facts.unreadable ?? [] {
      lines.append(row("not readable", "\(filesystem.device) (\(filesystem.type)): \(filesystem.reason)"))
    }
    return lines
  }

  private static func kernel(_ kernel: GuestFacts.Kernel) -> [String] {
    var lines = [row("kernel", "\(kernel.version), initramfs \(kernel.initramfs ?? "none")")]
    if !kernel.drivers.isEmpty { lines.append(row("", "starts with \(kernel.drivers.joined(separator: " "))")) }
    let more = (kernel.modules ?? []).filter { !kernel.drivers.contains($0) }
    if !more.isEmpty { lines.append(row("", "can get \(more.joined(separator: " "))")) }
    if let reason = kernel.unreadable { lines.append(row("", "the initramfs cannot be read: \(reason)")) }
    return lines
  }

  private static func network(_ facts: GuestFacts) -> [String] {
    (facts.interfaces ?? []).map { interface in
      var words = [interface.name, interface.method ?? "", interface.addresses.joined(separator: " ")]
      words += [interface.gateway.map { "gateway \($0)" }, interface.mac.map { "for \($0)" }].compactMap(\.self)
      return row("network", words.filter { !$0.isEmpty }.joined(separator: ", ") + " (\(interface.source))")
    }
  }
}
