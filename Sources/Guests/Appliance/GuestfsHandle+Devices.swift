import CGuestfs
import Glibc
import Support

extension GuestfsHandle {
  /// The whole disks in the order in which they were added: `/dev/sda` is the first.
  func disks() throws(AscendError) -> [String] {
    let names = try texts("listing disks") { guestfs_list_devices($0) }
    var indexed: [(Int32, String)] = []
    for name in names {
      indexed.append((guestfs_device_index(raw, name), name))
    }
    return indexed.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Every filesystem or container of one, with its type: `ext4`, `swap`, `crypto_LUKS`, `BitLocker`, `unknown` …
  ///
  /// Looked for once, and again after a volume was opened or closed: it takes seconds where the processor is emulated.
  func filesystems() throws(AscendError) -> [(key: String, value: String)] {
    if let listedFilesystems { return listedFilesystems }
    let found = try pairs("listing filesystems") { guestfs_list_filesystems($0) }
    listedFilesystems = found
    return found
  }

  /// The same with what is on disks and partitions but no filesystem: an encrypted disk is not listed as one.
  func contents() throws(AscendError) -> [(key: String, value: String)] {
    var contents = try filesystems()
    let partitions = try texts("listing partitions") { guestfs_list_partitions($0) }
    let volumes = try texts("listing volumes") { guestfs_lvs($0) }
    for device in try disks() + partitions + volumes + opened.map(\.mapped)
    where !contents.contains(where: { $0.key == device && $0.value != "unknown" }) {
      guard let type = try filesystemType(device), !type.isEmpty else { continue }
      contents.removeAll { $0.key == device }
      contents.append((device, type))
    }
    return contents
  }

  func filesystemType(_ device: String) throws(AscendError) -> String? {
    try optional { () throws(AscendError) in
      try text("reading the filesystem type", device) { guestfs_vfs_type($0, device) }
    }
  }

  /// What blkid says of a device: `UUID`, `TYPE`, `PART_ENTRY_UUID` … Empty when it knows nothing.
  func blkid(_ device: String) throws(AscendError) -> [String: String] {
    let known = try optional { () throws(AscendError) in
      try self.pairs("identifying", device) { guestfs_blkid($0, device) }
    }
    return Dictionary((known ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// `gpt`, `msdos` …, or nil for a disk without a partition table.
  func partitionTable(_ disk: String) throws(AscendError) -> String? {
    try optional { () throws(AscendError) in
      try text("reading the partition table", disk) { guestfs_part_get_parttype($0, disk) }
    }
  }

  func partitionNumbers(_ disk: String) throws(AscendError) -> [Int32] {
    try checkpoint()
    guard let list = guestfs_part_list(raw, disk) else { throw failure("listing partitions", disk) }
    defer { guestfs_free_partition_list(list) }
    return (0..<Int(list.pointee.len)).map { list.pointee.val[$0].part_num }
  }

  func gptType(_ disk: String, _ number: Int32) throws(AscendError) -> String? {
    try optional { () throws(AscendError) in
      try text("reading a partition's type", disk) { guestfs_part_get_gpt_type($0, disk, number) }
    }
  }

  func mbrType(_ disk: String, _ number: Int32) -> Int32? {
    let type = guestfs_part_get_mbr_id(raw, disk, number)
    return type < 0 ? nil : type
  }

  func partitionIsActive(_ disk: String, _ number: Int32) -> Bool {
    guestfs_part_get_bootable(raw, disk, number) == 1
  }

  func readDevice(_ device: String, count: Int32, offset: Int64) throws(AscendError) -> [UInt8] {
    try checkpoint()
    var size = 0
    guard let bytes = guestfs_pread_device(raw, device, count, offset, &size) else {
      throw failure("reading", device)
    }
    defer { free(bytes) }
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: size))
  }

  /// The whole disks that hold `mountable`: one for a partition, perhaps several for a logical volume.
  func disksHolding(_ mountable: String) throws(AscendError) -> [String] {
    // A btrfs subvolume is named `btrfsvol:/dev/sda2/@`.
    var device = mountable
    if device.hasPrefix("btrfsvol:") {
      device = try text("resolving", mountable) { guestfs_mountable_device($0, mountable) }
    }
    if let volume = opened.first(where: { $0.mapped == device }) { return try disksHolding(volume.device) }
    if let disk = try optional({ () throws(AscendError) in
      try text("finding the disk of", device) { guestfs_part_to_dev($0, device) }
    }) {
      return [disk]
    }
    guard guestfs_is_lv(raw, device) == 1 else {
      return guestfs_is_whole_device(raw, device) == 1 ? [device] : []
    }
    let group = device.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    guard
      let members = try optional({ () throws(AscendError) in
        try texts("listing the volumes of", group) { guestfs_vgpvuuids($0, group) }
      })
    else { return [] }
    var disks: [String] = []
    for volume in try texts("listing physical volumes", nil, { guestfs_pvs($0) }) {
      let uuid = try text("identifying", volume) { guestfs_pvuuid($0, volume) }
      guard members.contains(uuid), volume != device else { continue }
      disks += try disksHolding(volume)
    }
    return disks
  }
}
