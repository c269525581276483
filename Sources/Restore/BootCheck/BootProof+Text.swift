public import Guests
import Support

extension BootProof {
  /// The proof for a terminal, a line each.
  public var text: [String] {
    var lines = [summary, "on \(hardware.description)"]
    if let accelerator { lines.append("took \(Format.duration(seconds: seconds)) with \(accelerator)") }
    for disk in disks {
      let through = disk.drivers.isEmpty ? "" : " through \(disk.drivers.joined(separator: ", "))"
      lines.append(
        "disk \(disk.index) on \(disk.bus): \(Format.bytes(disk.bytesRead)) read, "
          + "\(Format.bytes(disk.bytesWritten)) written\(through)")
    }
    for nic in nics {
      let through = nic.drivers.isEmpty ? "" : " through \(nic.drivers.joined(separator: ", "))"
      let address = nic.address.map { ", address \($0)" } ?? ""
      lines.append("network \(nic.model): \(nic.packetsSent) packets sent\(through)\(address)")
    }
    lines += notes
    if let serialLog { lines.append("serial log  \(serialLog)") }
    if let screenshot { lines.append("screen      \(screenshot)") }
    return lines
  }
}
