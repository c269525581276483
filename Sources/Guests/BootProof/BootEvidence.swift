import ConnectorProtocol
import Foundation

/// Puts together what was seen of a machine's devices with the drivers that serve them: those that the guest named
/// itself, and those that the target says such a device needs.
struct BootEvidence: Sendable {
  let hardware: BootHardware
  let table: DeviceTable
  /// As the target states them, with the buses of their controllers for ids.
  let needs: [DriverNeed]
  let words: KernelWords

  /// What boot loaders write without any driver of the guest's: GRUB a block of its environment, Windows' boot manager
  /// its state.
  private static let loaderBytes: Int64 = 4 << 10

  func disks(_ seen: [Int: (read: Int64, written: Int64)]) -> [BootProof.Disk] {
    hardware.buses.enumerated().map { index, bus in
      let (read, written) = seen[index] ?? (0, 0)
      let controller = table.controller(bus)
      let said = said(of: controller, isUsed: written > Self.loaderBytes)
      let expected = needs.filter { written > Self.bytesOfLoader($0) }.flatMap { need -> [String] in
        if let controllers = need.controllers { return controllers.contains(bus) ? need.need : [] }
        return need.initramfs ? Self.known(need.need, controller?.drivers) : []
      }
      return BootProof.Disk(
        index: index, bus: bus, bytesRead: read, bytesWritten: written, drivers: Self.unique(said + expected),
        driversSeen: said)
    }
  }

  func nics(_ capture: (Int) -> Data) -> [BootProof.NIC] {
    hardware.nics.enumerated().map { index, nic in
      let packets = PacketCapture(capture(index), mac: nic.mac.flatMap { BootMachine.mac($0) })
      let known = table.nic(nic.model)
      let count = hardware.nics.count { known?.names.contains($0.model) ?? false }
      let said = (known?.drivers ?? []).filter {
        let found = words.interfaceCount($0)
        return found >= count || found > 0 && packets.sent > 0
      }
      let expected = packets.sent == 0 ? [] : needs.flatMap { expectedDrivers($0, nic.model, known) }
      return BootProof.NIC(
        model: nic.model, mac: nic.mac, packetsSent: packets.sent, address: packets.address,
        drivers: Self.unique(said + expected), driversSeen: said)
    }
  }

  /// Where the guest found fewer disks behind a kind of controller than there are, only of those that it used.
  private func said(of controller: DeviceTable.Controller?, isUsed: Bool) -> [String] {
    guard let controller, let says = controller.says else { return [] }
    let found = words.diskCount(says)
    let count = hardware.buses.count { controller.names.contains($0) }
    guard found >= count || found > 0 && isUsed else { return [] }
    return says.host == nil ? [says.driver] : [says.driver, "sd_mod"]
  }

  private func expectedDrivers(_ need: DriverNeed, _ model: String, _ known: DeviceTable.NIC?) -> [String] {
    guard let nics = need.nics else {
      return need.initramfs || need.controllers != nil ? [] : Self.known(need.need, known?.drivers)
    }
    guard nics.contains(model) else { return [] }
    return nics.count > 1 ? Self.known(need.need, known?.drivers) : need.need
  }

  private static func bytesOfLoader(_ need: DriverNeed) -> Int64 {
    need.when.family == "linux" ? loaderBytes : BootScene.leastWritten - 1
  }

  /// Of a need for any device, what is for this one.
  private static func known(_ names: [String], _ drivers: [String]?) -> [String] {
    let drivers = Set((drivers ?? []).map(module))
    return names.filter { drivers.contains(module($0)) }
  }

  private static func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { list, name in
      if !list.contains(where: { module($0) == module(name) }) { list.append(name) }
    }
  }

  /// Linux takes `virtio-blk` and `virtio_blk` for the same module.
  private static func module(_ name: String) -> String { name.replacing("-", with: "_") }
}
