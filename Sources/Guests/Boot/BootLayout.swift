import ConnectorProtocol

/// Which disk a machine starts from and with which firmware, judged by the disks alone.
struct BootLayout: Sendable, Hashable {
  /// All kinds of firmware that the disks can start with; both for a hybrid image.
  var possible: [FirmwareType]
  var firmware: FirmwareType?
  var bootDisk: Int?

  /// - Parameters:
  ///   - system: Indices of the disks that hold the operating system's `/boot` or, if that is none, its root.
  ///   - recorded: The firmware that the backup says the machine had; it decides where both are possible.
  init(_ disks: [DiskLayout], system: [Int] = [], recorded: FirmwareType? = nil) {
    let uefi = disks.indices.filter { disks[$0].startsWithUEFI }
    let bios = disks.indices.filter { disks[$0].startsWithBIOS }
    // A classic disk with boot code but neither an active partition nor the system on it is most likely only data.
    let likelyBIOS = bios.filter { index in
      disks[index].table != .mbr || system.contains(index) || disks[index].partitions.contains(where: \.active)
    }
    possible = []
    if !uefi.isEmpty { possible.append(.uefi) }
    if !likelyBIOS.isEmpty { possible.append(.bios) }
    if possible.count == 2 {
      if let recorded, possible.contains(recorded) {
        firmware = recorded
      } else {
        // A partition made for starting with BIOS is deliberate; boot code beside an ESP is often a left-over.
        let deliberate = bios.contains { disks[$0].partitions.contains { $0.role == .biosBoot } }
        firmware = deliberate ? .bios : .uefi
      }
    } else {
      firmware = possible.first
    }
    let candidates = firmware == .uefi ? uefi : likelyBIOS
    bootDisk = candidates.first { system.contains($0) } ?? candidates.first ?? (disks.count == 1 ? 0 : system.first)
  }
}
