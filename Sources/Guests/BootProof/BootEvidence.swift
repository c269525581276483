import ConnectorProtocol
import Foundation

/// Puts together what was seen of a machine's devices with the drivers that serve them.
struct BootEvidence: Sendable {
  let hardware: BootHardware
  /// As the target states them, with the buses of their controllers for ids.
  let needs: [DriverNeed]

  func disks(_ seen: [Int: (read: Int64, written: Int64)]) -> [BootProof.Disk] {
    hardware.buses.enumerated().map { index, bus in
      let (read, written) = seen[index] ?? (0, 0)
      let drivers = needs.filter { $0.initramfs }.flatMap(\.need)
      return BootProof.Disk(
        index: index, bus: bus, bytesRead: read, bytesWritten: written, drivers: written > 0 ? Self.unique(drivers) : []
      )
    }
  }

  func nics(_ capture: (Int) -> Data) -> [BootProof.NIC] {
    hardware.nics.enumerated().map { index, nic in
      let packets = PacketCapture(capture(index), mac: nic.mac.flatMap { BootMachine.mac($0) })
      let drivers = needs.filter { $0.nics?.contains(nic.model) ?? false }.flatMap(\.need)
      return BootProof.NIC(
        model: nic.model, mac: nic.mac, packetsSent: packets.sent, address: packets.address,
        drivers: packets.sent > 0 ? Self.unique(drivers) : [])
    }
  }

  private static func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
