import Support

/// Finds the name by which a device of the guest is known wherever it is attached.
///
/// The guest's `/dev/sdb` is taken for the second disk of the machine; where the configuration names a filesystem type,
/// it must be the one found there, else nothing is changed. A name that does not tell the disk is resolved where only
/// one disk can be meant.
final class StableNames {
  private let guest: any DeviceReading
  private let disks: [String]
  /// Volumes stay locked, and what they hold is not known.
  private let hasLocked: Bool
  private var known: [String: [String: String]] = [:]
  private var listed: VolumeCatalogue?
  /// Disks by names that do not tell them, where the root filesystem told which is meant.
  private var stems: [String: Int] = [:]
  /// Filesystems that the guest's table names in a way that leaves no doubt, or that a name was taken for already.
  private var claimed: [String: String] = [:]

  init(guest: any DeviceReading, hasLocked: Bool = false) throws(AscendError) {
    self.guest = guest
    self.hasLocked = hasLocked
    disks = try guest.disks()
  }

  /// Takes from a table what leaves no doubt, for the names in it that do.
  ///
  /// - Parameter root: The device of the root filesystem, which was found by what it holds.
  func learn(_ rows: [MountTable.Row], root: String?) throws(AscendError) {
    for row in rows {
      guard let name = DeviceName(row.device) else {
        if let uuid = try catalogue().uuid(of: row.device) { claimed[uuid] = row.device }
        continue
      }
      if name.disk != nil {
        if let uuid = try facts(name)["UUID"] { claimed[uuid] = row.device }
      } else if row.path == "/", let stem = name.stem, let root,
        let disk = disks.firstIndex(where: { "\($0)\(name.partition.map(String.init) ?? "")" == root })
      {
        stems[stem] = disk
      }
    }
    if let root, let uuid = try facts(root)["UUID"], claimed[uuid] == nil { claimed[uuid] = "/" }
  }

  /// - Parameter row: The name as fstab has it. What another of its rows names is then not meant.
  func answer(
    _ name: DeviceName, type: String?, row: String? = nil
  ) throws(AscendError) -> DeviceNameRewrite.Answer {
    if name.isTemporary { return .keep("it is a temporary disk, which no backup holds") }
    let facts: [String: String]
    if let disk = name.disk ?? name.stem.flatMap({ stems[$0] }) {
      guard disks.indices.contains(disk) else { return .keep("the backup has no disk \(disk + 1)") }
      facts = try self.facts(DeviceName(disk: disk, partition: name.partition))
    } else {
      let candidates = try candidates(name, type: type).filter { found in
        guard let row, let uuid = found["UUID"], let owner = claimed[uuid] else { return true }
        return owner == row
      }
      guard candidates.count < 2 else { return .keep("more than one disk of the backup has such a partition") }
      facts = candidates.first ?? [:]
      if let row, let uuid = facts["UUID"] { claimed[uuid] = row }
    }
    guard let found = facts["TYPE"], let uuid = facts["UUID"] else {
      return .keep("no filesystem was found on it")
    }
    if let type, !Self.agrees(type, found) { return .keep("it holds \(found), not \(type)") }
    if try catalogue().count(of: uuid) == 1 { return .use("UUID=\(uuid)") }
    guard let partition = facts["PART_ENTRY_UUID"] else {
      return .keep("another filesystem has the same UUID")
    }
    return .use("PARTUUID=\(partition)")
  }

  /// Whether a row names what is on none of the disks, or a name of the old hardware that stayed: the new machine will
  /// not have it.
  ///
  /// - Parameter made: Names of what the guest itself puts on its disks.
  func isLost(_ row: MountTable.Row, made: Set<String>) throws(AscendError) -> Bool {
    if DeviceName(row.device) != nil { return true }
    return try catalogue().has(row.device, made: made) == false
  }

  /// What is on the partition of that number of each disk, as far as it can be meant.
  private func candidates(_ name: DeviceName, type: String?) throws(AscendError) -> [[String: String]] {
    var found: [[String: String]] = []
    for disk in disks.indices {
      let facts = try facts(DeviceName(disk: disk, partition: name.partition))
      guard let held = facts["TYPE"], facts["UUID"] != nil else { continue }
      if type.map({ Self.agrees($0, held) }) ?? true { found.append(facts) }
    }
    return found
  }

  private func facts(_ name: DeviceName) throws(AscendError) -> [String: String] {
    guard let disk = name.disk, disks.indices.contains(disk) else { return [:] }
    return try facts(disks[disk] + (name.partition.map(String.init) ?? ""))
  }

  private func facts(_ device: String) throws(AscendError) -> [String: String] {
    if let facts = known[device] { return facts }
    let facts = try guest.blkid(device)
    known[device] = facts
    return facts
  }

  /// All filesystems of the machine: a disk may be a copy of another.
  private func catalogue() throws(AscendError) -> VolumeCatalogue {
    if let listed { return listed }
    var found: [String: [String: String]] = [:]
    var isWhole = !hasLocked
    for (device, type) in try guest.filesystems() {
      found[device] = try facts(device)
      // What is on a cache's or a volume's inside is seen by the guest alone.
      if type == "bcache" || (type == "unknown" && VolumeCatalogue.mapped(device) != nil) { isWhole = false }
    }
    for device in guest.openedNames { found[device] = try facts(device) }
    let catalogue = VolumeCatalogue(found, isWhole: isWhole)
    listed = catalogue
    return catalogue
  }

  static func agrees(_ stated: String, _ found: String) -> Bool {
    // A list may be given, and the ext drivers read each other's filesystems.
    let families = ["ext2": "ext", "ext3": "ext", "ext4": "ext", "msdos": "fat", "vfat": "fat", "fat": "fat"]
    return stated.split(separator: ",").contains { type in
      let type = String(type)
      return type == "auto" || type == found || families[type].map { $0 == families[found] } ?? false
    }
  }
}
