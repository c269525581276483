public import Guests
import Support

extension BootProof {
  /// The proof for a terminal, a line each.
  public var text: [String] {
    var lines = [summary, "on \(hardware.description)"]
    if let accelerator { lines.append("took \(Format.duration(seconds: seconds)) with \(accelerator)") }
    for disk in disks {
      let through = Self.through(disk.drivers, disk.driversSeen)
      lines.append(
        "disk \(disk.index) on \(disk.bus): \(Format.bytes(disk.bytesRead)) read, "
          + "\(Format.bytes(disk.bytesWritten)) written\(through)")
    }
    for nic in nics {
      let through = Self.through(nic.drivers, nic.driversSeen)
      let address = nic.address.map { ", address \($0)" } ?? ""
      lines.append("network \(nic.model): \(nic.packetsSent) packets sent\(through)\(address)")
    }
    lines += notes
    if let serialLog { lines.append("serial log  \(serialLog)") }
    if let screenshot { lines.append("screen      \(screenshot)") }
    return lines
  }

  /// What the guest named itself, then what the target leads one to expect.
  private static func through(_ drivers: [String], _ seen: [String]?) -> String {
    let seen = seen ?? []
    let expected = drivers.filter { !seen.contains($0) }
    let said = seen.isEmpty ? "" : " through \(seen.joined(separator: ", "))"
    return expected.isEmpty ? said : "\(said) (expected: \(expected.joined(separator: ", ")))"
  }
}
