import Support

/// Reads the disks' division in the appliance. Nothing may be mounted: system partitions are, one after the other.
struct BootLayoutReader {
  let guest: GuestfsHandle

  func read() throws(AscendError) -> [DiskLayout] {
    var layouts: [DiskLayout] = []
    for disk in try guest.disks() { layouts.append(try layout(of: disk)) }
    return layouts
  }

  private func layout(of disk: String) throws(AscendError) -> DiskLayout {
    let sector = try guest.optional { () throws(AscendError) in
      try guest.readDevice(disk, count: 512, offset: 0)
    }
    let table: DiskLayout.Table =
      switch try guest.partitionTable(disk) {
      case "gpt": .gpt
      case "msdos": .mbr
      default: .none
      }
    var partitions: [DiskLayout.Partition] = []
    if table != .none {
      for number in try guest.partitionNumbers(disk) {
        let role: DiskLayout.Role =
          table == .gpt
          ? try guest.gptType(disk, number).map { DiskLayout.role(gptType: $0) } ?? .other
          : guest.mbrType(disk, number).map { DiskLayout.role(mbrType: $0) } ?? .other
        var partition = DiskLayout.Partition(
          device: "\(disk)\(number)", role: role, active: table == .mbr && guest.partitionIsActive(disk, number))
        if role == .efiSystem { partition.holdsLoader = try holdsLoader(partition.device) }
        partitions.append(partition)
      }
    }
    return DiskLayout(table: table, partitions: partitions, hasBootCode: DiskLayout.hasBootCode(sector ?? []))
  }

  /// Looks for a `.efi` program two levels below the folder EFI, where firmware and boot entries expect them.
  private func holdsLoader(_ device: String) throws(AscendError) -> Bool {
    let mounted: Void? = try guest.optional { () throws(AscendError) in
      try guest.mount(device, at: "/", readOnly: true)
    }
    guard mounted != nil else { return false }
    let found = try searchLoader()
    try guest.unmountAll()
    return found
  }

  private func searchLoader() throws(AscendError) -> Bool {
    // FAT does not tell capitals from small letters, but a listing shows what was written.
    for folder in try guest.list("/") where folder.lowercased() == "efi" {
      for vendor in try guest.list("/\(folder)").prefix(64) {
        let files = try guest.list("/\(folder)/\(vendor)")
        if files.contains(where: { $0.lowercased().hasSuffix(".efi") }) { return true }
      }
    }
    return false
  }
}
