import Foundation

/// What a Linux kernel says on the serial port of the drivers that took its disks and network interfaces. Pure;
/// bounded by its input.
///
/// A kernel that is started with `quiet`, and any other system, says nothing of it.
struct KernelWords: Sendable {
  /// Disks that a driver of its own found, by the driver: `virtio_blk` → `[vda]`.
  private var disks: [String: Set<String>] = [:]
  /// What an adapter calls itself, by its number.
  private var hosts: [Substring: Substring] = [:]
  /// The addresses of disks behind adapters: `2:0:0:0`.
  private var units: Set<Substring> = []
  /// Devices that a driver made interfaces of, by the driver: `e1000` → `0000:00:03.0`.
  private var interfaces: [String: Set<Substring>] = [:]

  init(_ log: Data = Data()) {
    for line in log.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) where line.count < 1024 {
      // `[    3.412345] …`, and with `console=…` some kernels put a level before it.
      let text = PlainText.of([UInt8](line))
      guard let stamp = text.prefixMatch(of: #/(<\d+>)?\[ *\d+\.\d+\] /#) else { continue }
      read(text[stamp.range.upperBound...])
    }
  }

  private mutating func read(_ text: Substring) {
    if let match = text.prefixMatch(of: #/scsi ?(?:host)?(\d+) ?: (.+)/#) {
      hosts[match.1] = match.2
    } else if let match = text.prefixMatch(of: #/sd (\d+:\d+:\d+:\d+): \[sd[a-z]+\] /#) {
      units.insert(match.1)
    } else if let match = text.prefixMatch(of: #/virtio_blk virtio\d+: \[(vd[a-z]+)\] /#) {
      disks["virtio_blk", default: []].insert(String(match.1))
    } else if let match = text.prefixMatch(of: #/nvme (nvme\d+): (?:pci function |.* queues)/#) {
      disks["nvme", default: []].insert(String(match.1))
    } else if let match = text.prefixMatch(
      of: #/([a-z0-9_]+) ([0-9a-f]{4}:[0-9a-f:.]+|virtio\d+) (?:[^ ]+: renamed from |eth\d+: )/#)
    {
      interfaces[String(match.1), default: []].insert(match.2)
    }
  }

  /// How many disks the kernel said that it found behind a controller.
  func diskCount(_ says: DeviceTable.Says) -> Int {
    guard let host = says.host else { return disks[says.driver]?.count ?? 0 }
    return units.count { unit in
      unit.split(separator: ":").first.flatMap { hosts[$0] }?.hasPrefix(host) ?? false
    }
  }

  /// How many interfaces a driver made.
  func interfaceCount(_ driver: String) -> Int { interfaces[driver]?.count ?? 0 }
}
